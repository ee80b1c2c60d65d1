import type { Banner } from '../handset-os.js';

/** What a host may only do to a daemon that announces it, and this one does not speak. */
const NOT_SPOKEN = new Set([
  'delayed_ack',
  'sendrecv_v2_brotli',
  'sendrecv_v2_lz4',
  'sendrecv_v2_zstd',
  'sendrecv_v2_dry_run_send',
  'abb',
  'abb_exec',
]);

/** The features of the handset's Android that this daemon keeps its word on. */
export function spokenFeatures(banner: Banner): readonly string[] {
  return banner.features.filter((feature) => !NOT_SPOKEN.has(feature));
}

/**
 * The text of a handset's CNXN: `device::key=value;…;features=a,b`. Handsets without features end after the last `;`,
 * as Android 6 does (AOSP packages/modules/adb, adb.cpp).
 */
export function bannerText(banner: Banner): string {
  const properties = Object.entries(banner.properties).map(([key, value]) => `${key}=${value};`);
  const features = spokenFeatures(banner);
  const tail = features.length > 0 ? `features=${features.join(',')}` : '';
  return `${banner.state}::${properties.join('')}${tail}`;
}
