interface WireLimits {
  readonly version: number;
  readonly maxPayload: number;
  readonly features: readonly string[];
}

const KIB = 1024;
const STEPS: readonly { readonly from: number; readonly features: readonly string[] }[] = [
  { from: 7, features: ['shell_v2', 'cmd'] },
  { from: 8, features: ['stat_v2'] },
  {
    from: 10,
    features: ['fixed_push_mkdir', 'apex', 'abb', 'fixed_push_symlink_timestamp', 'abb_exec'],
  },
  { from: 11, features: ['ls_v2', 'remount_shell', 'sendrecv_v2', 'sendrecv_v2_brotli'] },
  {
    from: 12,
    features: [
      'track_app',
      'sendrecv_v2_lz4',
      'sendrecv_v2_zstd',
      'sendrecv_v2_dry_run_send',
      'openscreen_mdns',
    ],
  },
  // Android 14 also says delayed_ack. A daemon that says it must keep that window, which this one does not.
  { from: 14, features: ['devicetracker_proto_format'] },
  { from: 15, features: ['devraw', 'app_info'] },
  { from: 16, features: ['server_status', 'track_mdns'] },
];

/** Protocol version, largest payload in bytes and feature list of each Android's adb daemon (AOSP packages/modules/adb history). */
export function wireLimits(android: number): WireLimits {
  return {
    version: android >= 9 ? 0x01000001 : 0x01000000,
    maxPayload: android >= 9 ? KIB * KIB : android >= 7 ? 256 * KIB : 4 * KIB,
    features: STEPS.filter((step) => android >= step.from).flatMap((step) => step.features),
  };
}
