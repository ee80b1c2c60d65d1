export type Owner = 'none' | 'managed' | 'unknown';

/**
 * Whether an organisation owns the handset, from `dpm list-owners` (Android 12 and later) and `dumpsys
 * device_policy`. Ordinary device admins, among them Google's MdmDeviceAdminReceiver of Find My Device, own
 * nothing. An answer in which neither form can be recognised is `unknown`.
 */
export function parseOwner(listOwners: string | null, devicePolicy: string | null): Owner {
  const list = (listOwners ?? '').slice(0, 8192);
  const dump = devicePolicy ?? '';
  const owned =
    /\badmin=[^\n]*\b(?:DeviceOwner|ProfileOwner|ManagedProfile|ManagedProfileOwner)/i.test(list) ||
    /^[ \t]*(?:Device Owner|Profile Owner \(User \d+\)):/m.test(dump) ||
    /\bisOrganizationOwnedDevice\s*=\s*true\b/.test(dump);
  if (owned) return 'managed';
  const readable =
    /\bno owners\b/i.test(list) ||
    /^[ \t]*Enabled Device Admins \(/m.test(dump) ||
    /Device Policy Manager (?:Service )?state/i.test(dump);
  return readable ? 'none' : 'unknown';
}

/**
 * Whether a restriction forbids a factory reset, from `dumpsys user` (restrictions are listed by name where they are
 * in force) and the policy list of Android 14 and later. Null: neither was readable.
 */
export function parseResetForbidden(
  userDump: string | null,
  devicePolicy: string | null,
): boolean | null {
  const policy = /no_factory_reset[^}]{0,200}?mValue=\s*(true|false)/.exec(devicePolicy ?? '')?.[1];
  const listed = /\bno_factory_reset\b(?!\s*[=:]\s*false)/.test(userDump ?? '');
  if (policy === 'true' || listed) return true;
  return userDump?.includes('UserInfo{') || /restrictions/i.test(userDump ?? '') ? false : null;
}
