/** Golden answers in the forms of Android, for fake programs and for the parsers. */
export const IMEI = '353644930127905';
export const IMEI_2 = '353644930127913';

export interface FakeHandset {
  readonly sdk: number;
  readonly imei: string;
  readonly accounts: number;
  readonly apps: readonly string[];
  readonly felica: boolean;
  readonly androidId: string;
  readonly bootId: string;
  readonly setUp: boolean;
  readonly testHarness: boolean;
  readonly bootReason: string;
  readonly battery: number;
  readonly celsiusTenths: number;
  readonly tradeInMode: '-1' | '1' | '2' | null;
  readonly serial: string;
  readonly pdb: boolean;
}

export const IN_USE: FakeHandset = {
  sdk: 33,
  imei: IMEI,
  accounts: 0,
  apps: ['com.example.game', 'jp.example.bank'],
  felica: false,
  androidId: '0123456789abcdef',
  bootId: '11111111-1111-4111-8111-111111111111',
  setUp: true,
  testHarness: false,
  bootReason: 'reboot',
  battery: 80,
  celsiusTenths: 300,
  tradeInMode: null,
  serial: 'SERIAL01',
  pdb: true,
};

export function afterReset(handset: FakeHandset): FakeHandset {
  return {
    ...handset,
    apps: [],
    androidId: 'fedcba9876543210',
    bootId: '22222222-2222-4222-8222-222222222222',
    setUp: false,
    bootReason: 'reboot,factory_reset',
  };
}

export function parcelOf(text: string): string {
  const bytes = Buffer.alloc(8 + Math.ceil((text.length + 1) / 2) * 4);
  bytes.writeInt32LE(0, 0);
  bytes.writeInt32LE(text.length, 4);
  bytes.write(text, 8, 'utf16le');
  const words = Array.from({ length: bytes.length / 4 }, (_, index) =>
    bytes
      .readUInt32LE(index * 4)
      .toString(16)
      .padStart(8, '0'),
  );
  const lines = [];
  for (let at = 0; at < words.length; at += 4) {
    lines.push(
      `  0x${(at * 4).toString(16).padStart(8, '0')}: ${words.slice(at, at + 4).join(' ')} '................'`,
    );
  }
  return `Result: Parcel(\n${lines.join('\n')})\n`;
}

export function statusJson(handset: FakeHandset): string {
  return JSON.stringify({
    battery: {
      cycle_count: 16,
      health: 100,
      state: 2,
      manufacturing_date: 1653004800,
      first_usage_date: 0,
    },
    storage: { useful_lifetime_remaining: 99, capacity_bytes: '128000000000' },
    launch_level: 33,
    locks: { factory_reset_protection: false },
    product: {
      brand: 'google',
      device: 'panther',
      manufacturer: 'Google',
      model: 'Pixel 7',
      name: 'panther',
    },
    imeis: [handset.imei],
    serial: handset.serial,
  });
}

/** Programs that answer as this handset would. */
export function programsOf(handset: FakeHandset): Record<string, string> {
  const say = (text: string) => `cat <<'ANSWER'\n${text}\nANSWER`;
  const props: [string, string][] = [
    ['ro.build.version.sdk', String(handset.sdk)],
    ['ro.build.version.release', '13'],
    ['ro.build.fingerprint', 'google/panther/panther:13/TQ3A/1:user/release-keys'],
    ['ro.build.version.security_patch', '2023-08-05'],
    ['ro.product.manufacturer', 'Google'],
    ['ro.product.brand', 'google'],
    ['ro.product.model', 'Pixel 7'],
    ['ro.product.device', 'panther'],
    ['ro.serialno', handset.serial],
    ['ro.crypto.state', 'encrypted'],
    ['ro.crypto.type', 'file'],
    ['ro.crypto.metadata.enabled', 'true'],
    ['gsm.sim.state', 'ABSENT'],
    ['sys.boot.reason', handset.bootReason],
    ['sys.boot_completed', '1'],
    ...(handset.pdb ? ([['ro.frp.pst', '/dev/block/by-name/frp']] as [string, string][]) : []),
    ...(handset.testHarness ? ([['persist.sys.test_harness', '1']] as [string, string][]) : []),
    ...(handset.tradeInMode
      ? ([['persist.adb.tradeinmode', handset.tradeInMode]] as [string, string][])
      : []),
  ];
  const all = props.map(([key, value]) => `[${key}]: [${value}]`).join('\n');
  const one = props.map(([key, value]) => `${key}) echo '${value}' ;;`).join('\n');
  const accounts = Array.from(
    { length: handset.accounts },
    (_, n) => `    Account {name=a${n}@example.com, type=com.google}`,
  );
  return {
    getprop: `if [ $# -eq 0 ]; then ${say(all)}\nelse case $1 in\n${one}\n*) echo ;;\nesac; fi`,
    cat: `if [ "$1" = /proc/sys/kernel/random/boot_id ]; then echo ${handset.bootId}; else exec /usr/bin/cat "$@"; fi`,
    service: `case "$*" in\n"call iphonesubinfo ${handset.sdk >= 30 ? 4 : 3} i32 0 s16 com.android.shell") ${say(parcelOf(handset.imei))}\n;;\n"check testharness") echo 'Service testharness: ${handset.sdk >= 29 ? '' : 'not '}found' ;;\n"check tradeinmode") echo 'Service tradeinmode: ${handset.sdk >= 36 ? '' : 'not '}found' ;;\n*) echo "Result: Parcel(00000000 ffffffff '........')" ;;\nesac`,
    dumpsys: `case "$*" in\nbattery) ${say(`Current Battery Service state:\n  USB powered: true\n  level: ${handset.battery}\n  scale: 100\n  temperature: ${handset.celsiusTenths}\n\n[EventLogBuffer]\n  level: 3`)}\n;;\naccount) ${say(`User UserInfo{0:Owner:c13}:\n  Accounts: ${handset.accounts}\n${accounts.join('\n')}`)}\n;;\ndevice_policy) ${say('Current Device Policy Manager state:\n  Enabled Device Admins (User 0, provisioningState: 0):')}\n;;\npersistent_data_block) ${handset.sdk >= 35 ? say('FRP state\n  Enforcement enabled: true\n  FRP state: false\n  Has FRP credential handle: false\n  FRP challenge block size: 0') : 'true'}\n;;\nuser) ${say('Users:\n  UserInfo{0:Owner:c13}\n    Effective restrictions:\n      none')}\n;;\nesac`,
    pm: `case "$*" in\n"list users") ${say('Users:\n\tUserInfo{0:Owner:c13} running')}\n;;\n"list packages -3") ${handset.apps.length ? say(handset.apps.map((name) => `package:${name}`).join('\n')) : 'true'}\n;;\n"list features") echo feature:android.hardware.nfc ;;\n"list packages"*) ${say(['com.android.shell', ...(handset.felica ? ['com.felicanetworks.mfm.main'] : [])].map((name) => `package:${name}`).join('\n'))}\n;;\nesac`,
    settings: `case "$*" in\n"get secure android_id") echo ${handset.androidId} ;;\n"get secure user_setup_complete") echo ${handset.setUp ? 1 : 0} ;;\n"get global device_provisioned") echo ${handset.setUp ? 1 : 0} ;;\n"get global secure_frp_mode") echo 0 ;;\n*) echo null ;;\nesac`,
    dpm: 'echo "no owners"',
    content: 'echo "No result found."',
    sm: 'case $1 in get-fbe-mode) echo native ;; esac',
    locksettings: 'echo false',
    cmd: 'case "$*" in "package resolve-activity"*) echo "com.android.settings/.Settings\\$FactoryResetActivity" ;; esac',
    uiautomator: 'exit 1',
    svc: 'true',
    am: 'echo Starting',
    input: 'true',
    wm: 'true',
    tradeinmode:
      handset.sdk >= 36
        ? `case "$1" in getstatus) ${say(statusJson(handset))}\n;; esac`
        : 'exit 127',
  };
}
