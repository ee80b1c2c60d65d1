import type { SystemState } from '../system-state.js';
import { type FrameworkCommand, refuse, say } from './command.js';

type Dump = (state: SystemState) => readonly string[];

const account: Dump = (state) =>
  state.users.flatMap((user) => {
    const held = user.id === 0 ? state.accounts : [];
    return [
      `User UserInfo{${user.id}:${user.name}:${user.flags}}:`,
      `  Accounts: ${held.length}`,
      ...held.map((one) => `    Account {name=${one.name}, type=${one.type}}`),
      '',
      '  AccountId, Action_Type, timestamp, UID, TableName, Key',
      '  Accounts History',
      '',
      '  Active Sessions: 0',
      '',
      '  RegisteredServicesCache: 1 services',
      '    ServiceInfo: AuthenticatorDescription {type=com.google}, ComponentInfo{com.google.android.gms/com.google.android.gms.auth.account.authenticator.GoogleAccountAuthenticatorService}, uid 10089',
      '',
    ];
  });

const battery: Dump = (state) => {
  const { level, charging, temperature } = state.battery;
  return [
    'Current Battery Service state:',
    '  AC powered: false',
    `  USB powered: ${charging}`,
    '  Wireless powered: false',
    '  Max charging current: 500000',
    '  Max charging voltage: 5000000',
    '  Charge counter: 2600000',
    `  status: ${charging ? (level === 100 ? 5 : 2) : 3}`,
    '  health: 2',
    '  present: true',
    `  level: ${level}`,
    '  scale: 100',
    '  voltage: 4108',
    `  temperature: ${temperature}`,
    '  technology: Li-ion',
    // Samsung appends a log whose lines look like fields.
    ...(state.profile.brand === 'samsung'
      ? ['', '[EventLogBuffer]', '  level: 3', '  temperature: 999', 'mSavedBatteryAsoc: [96]']
      : []),
  ];
};

const devicePolicy: Dump = (state) => [
  'Current Device Policy Manager state:',
  '  Immutable state:',
  '    mHasFeature=true',
  '    mIsWatch=false',
  ...(state.deviceOwner
    ? [
        '  Device Owner: ',
        `    admin=ComponentInfo{${state.deviceOwner.component}}`,
        '    name=',
        `    package=${state.deviceOwner.component.split('/')[0]}`,
        `    isOrganizationOwnedDevice=${state.deviceOwner.organisation}`,
        '    User ID: 0',
      ]
    : []),
  ...state.users
    .filter((user) => user.id !== 0)
    .flatMap((user) => [
      `  Profile Owner (User ${user.id}): `,
      '    admin=ComponentInfo{com.example.work/com.example.work.AdminReceiver}',
      '    package=com.example.work',
    ]),
  '  Enabled Device Admins (User 0, provisioningState: 0):',
  '    com.google.android.gms/.mdm.receivers.MdmDeviceAdminReceiver:',
  '      uid=10089',
  '      testOnlyAdmin=false',
  '      policies:',
  '        wipe-data',
  '        reset-password',
  '        force-lock',
  ...(state.profile.sdk >= 34
    ? [
        '  Global Policies:',
        ...(state.restrictions.includes('no_factory_reset')
          ? [
              '    UserRestrictionPolicyKey userRestriction_no_factory_reset: BooleanPolicyValue { mValue= true }',
            ]
          : []),
      ]
    : []),
];

/** Says something since Android 15; before, the service had nothing to dump (AOSP PersistentDataBlockService). */
const persistentDataBlock: Dump = (state) => {
  if (state.profile.sdk < 35) return [];
  const held = state.frp.challengeBytes;
  return [
    'mDataBlockFile: /dev/block/by-name/frp',
    'mIsFileBacked: false',
    'mAllowedUid: 10110',
    'mBlockDeviceSize: 524288',
    'mIsWritable: true',
    'FRP state',
    '  Enforcement enabled: true',
    `  FRP state: ${state.frp.active}`,
    '  FRP secret file /data/system/frp_secret exists',
    '  Verified boot state: green',
    `  Has FRP credential handle: ${held > 0}`,
    `  FRP challenge block size: ${held}`,
  ];
};

const user: Dump = (state) => [
  'Current user: 0',
  '',
  'Users:',
  ...state.users.flatMap((one) => [
    `  UserInfo{${one.id}:${one.name}:${one.flags}} serialNo=${one.id} isPrimary=${one.id === 0}`,
    `    State: ${one.id === 0 ? 'RUNNING_UNLOCKED' : '-1'}`,
    '    Restrictions:',
    '      none',
    '    Effective restrictions:',
    ...(state.restrictions.length > 0
      ? state.restrictions.map((name) => `      ${name}`)
      : ['      none']),
  ]),
  '',
  '  Max users: 4',
];

const SHELL_PERMISSIONS = [
  'android.permission.REBOOT',
  'android.permission.BACKUP',
  'android.permission.MANAGE_DEVICE_ADMINS',
  'android.permission.ENABLE_TEST_HARNESS_MODE',
  'android.permission.MOUNT_FORMAT_FILESYSTEMS',
  'android.permission.READ_PRIVILEGED_PHONE_STATE',
];

const shellPackage: Dump = (state) => [
  'Packages:',
  '  Package [com.android.shell] (5d2f1a7):',
  '    userId=2000',
  '    install permissions:',
  ...SHELL_PERMISSIONS.map((name) => `      ${name}: granted=true`),
  ...(state.shellMayMasterClear ? ['      android.permission.MASTER_CLEAR: granted=true'] : []),
];

const DUMPS: Readonly<Record<string, Dump>> = {
  account,
  battery,
  device_policy: devicePolicy,
  persistent_data_block: persistentDataBlock,
  user,
};

export const dumpsys: FrameworkCommand = (state, args) => {
  const [name = '', ...rest] = args;
  if (!state.bootCompleted) return refuse(0, `Can't find service: ${name}`);
  if (name === 'package')
    return rest[0] === 'com.android.shell'
      ? say(shellPackage(state))
      : say([`Unable to find package: ${rest[0] ?? ''}`]);
  const missing = name === 'persistent_data_block' && !state.profile.frpPartition;
  const dump = missing ? undefined : DUMPS[name];
  return dump ? say(dump(state)) : refuse(0, `Can't find service: ${name}`);
};
