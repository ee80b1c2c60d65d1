import { randomBytes } from 'node:crypto';
import t from 'tap';
import { parseFillLook } from '../../../src/erasure-engines/android/overwrite/filler.js';
import { newFillPlan } from '../../../src/erasure-engines/android/overwrite/plan.js';
import {
  parseFillFiles,
  parseHashes,
} from '../../../src/erasure-engines/android/overwrite/read-back.js';
import { parseAccounts } from '../../../src/erasure-engines/android/parsers/accounts.js';
import { parseBattery } from '../../../src/erasure-engines/android/parsers/battery.js';
import { frpState } from '../../../src/erasure-engines/android/parsers/frp.js';
import { parcelString, pickImeis } from '../../../src/erasure-engines/android/parsers/imei.js';
import {
  parseOwner,
  parseResetForbidden,
} from '../../../src/erasure-engines/android/parsers/owners.js';
import {
  parseFeatures,
  parsePackages,
  parseUserCount,
} from '../../../src/erasure-engines/android/parsers/packages.js';
import { parseProperties } from '../../../src/erasure-engines/android/parsers/properties.js';
import { parseScreen } from '../../../src/erasure-engines/android/parsers/screen.js';
import { splitSections } from '../../../src/erasure-engines/android/parsers/sections.js';
import { esimProfile, simInserted } from '../../../src/erasure-engines/android/parsers/sims.js';
import {
  parseDiskFree,
  parseLargestDisk,
  parseMemTotal,
} from '../../../src/erasure-engines/android/parsers/storage.js';
import { parseTradeInStatus } from '../../../src/erasure-engines/android/parsers/trade-in-status.js';
import { SarachiError } from '../../../src/errors.js';
import { isImei } from '../../../src/imei.js';
import { IMEI, IMEI_2, IN_USE, parcelOf, statusJson } from './helpers/probe-answers.js';

const PARCEL = `Result: Parcel(
  0x00000000: 00000000 0000000f 00350033 00360033 '........3.5.3.6.'
  0x00000010: 00340034 00330039 00310030 00370032 '4.4.9.3.0.1.2.7.'
  0x00000020: 00300039 00000035                   '9.0.5...')
`;
const DF = `Filesystem     1K-blocks    Used Available Use% Mounted on
/dev/block/dm-9 112233445 7654321 104579124   7% /data
`;
const PDB = `mDataBlockFile: /dev/block/by-name/frp
FRP state
  Enforcement enabled: true
  FRP state: false
  Has FRP credential handle: false
  FRP challenge block size: 0
`;
const NODE = `<?xml version='1.0'?><hierarchy rotation="0"><node index="0" text="Erase &amp; &#34;all&#34;" resource-id="com.android.settings:id/initiate_main_clear" class="android.widget.Button" package="com.android.settings" clickable="true" enabled="true" checked="false" password="false" bounds="[60,2050][1020,2190]" /></hierarchy>`;
const PLAN = newFillPlan('run-1', '/data/local/tmp', {
  fileBytes: 8 * 1024 * 1024,
  availableKb: 1_000_000,
});

/** Every parser with an answer in the form that Android gives. */
const GOLDEN: Record<string, [text: string, parse: (text: string) => unknown]> = {
  parcel: [PARCEL, parcelString],
  df: [DF, parseDiskFree],
  meminfo: ['MemTotal:        7812344 kB\n', parseMemTotal],
  partitions: [
    'major minor  #blocks  name\n\n   8        0  124948480 sda\n   8        1       8192 sda1\n',
    parseLargestDisk,
  ],
  battery: [
    'Current Battery Service state:\n  USB powered: true\n  level: 83\n  scale: 100\n  temperature: 287\n\n[EventLogBuffer]\n  level: 3\n  temperature: 999\n',
    parseBattery,
  ],
  accounts: [
    'User UserInfo{0:Owner:c13}:\n  Accounts: 2\n    Account {name=foo@gmail.com, type=com.google}\n    Account {name=x, type=com.osp.app.signin}\n',
    parseAccounts,
  ],
  users: [
    'Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{10:Work:1030} running\n',
    parseUserCount,
  ],
  packages: [
    'package:com.android.shell\npackage:/data/app/x==/base.apk=jp.example.bank\n',
    parsePackages,
  ],
  features: [
    'feature:android.hardware.nfc\nfeature:android.hardware.opengles.aep=1\n',
    (text) => [...parseFeatures(text)],
  ],
  properties: [
    '[ro.serialno]: [26061FDH2000AP]\n[a.b]: [two\nlines]\n[empty]: []\n',
    (text) => Object.fromEntries(parseProperties(text)),
  ],
  pdb: [PDB, (dump) => frpState({ sdk: 35, dump, setting: null, partition: '/dev/x' })],
  owners: [
    'Device Owner: \n    admin=ComponentInfo{com.corp/com.corp.Admin}\n',
    (text) => parseOwner(null, text),
  ],
  restrictions: [
    '  UserInfo{0:Owner:c13}\n    Effective restrictions:\n      no_factory_reset\n',
    (text) => parseResetForbidden(text, null),
  ],
  sims: [
    'Row: 0 sim_id=0, is_embedded=0\nRow: 1 sim_id=-1, is_embedded=1\n',
    (text) => [simInserted(text, 'LOADED,ABSENT'), esimProfile(text)],
  ],
  status: [statusJson(IN_USE), parseTradeInStatus],
  screen: [NODE, parseScreen],
  poll: [
    'state.filling\nalive\n/dev/x 100000 50000 40000 56% /data\n  temperature: 305\n',
    parseFillLook,
  ],
  files: [
    'pp 8388608\nf.0 8392704\nf.1 99999999999\ng.0 5\n../x 4\n',
    (text) => parseFillFiles(text, PLAN),
  ],
  hashes: [`${'a'.repeat(64)}  f.0\n${'b'.repeat(64)} *g.12\n`, parseHashes],
};

t.test('golden answers', async (t) => {
  const read = Object.fromEntries(
    Object.entries(GOLDEN).map(([name, [text, parse]]) => [name, parse(text)]),
  );
  t.same(read, {
    parcel: IMEI,
    df: { totalKb: 112233445, usedKb: 7654321, availableKb: 104579124 },
    meminfo: 7812344 * 1024,
    partitions: 124948480 * 1024,
    battery: { percent: 83, powered: true, celsius: 28.7 },
    accounts: { count: 2, types: ['com.google', 'com.osp.app.signin'] },
    users: 2,
    packages: ['com.android.shell', 'jp.example.bank'],
    features: ['android.hardware.nfc', 'android.hardware.opengles.aep'],
    properties: { 'ro.serialno': '26061FDH2000AP', 'a.b': 'two\nlines', empty: '' },
    pdb: 'off',
    owners: 'managed',
    restrictions: true,
    sims: [true, 'present'],
    status: {
      serial: 'SERIAL01',
      imeis: [IMEI],
      frpLocked: false,
      manufacturer: 'Google',
      brand: 'google',
      model: 'Pixel 7',
      device: 'panther',
      storageBytes: 128000000000,
      batteryCycles: 16,
    },
    screen: [
      {
        id: 'com.android.settings:id/initiate_main_clear',
        text: 'Erase & "all"',
        package: 'com.android.settings',
        clickable: true,
        enabled: true,
        checked: false,
        password: false,
        x: 540,
        y: 2120,
      },
    ],
    poll: {
      state: 'filling',
      alive: true,
      disk: { totalKb: 100000, usedKb: 50000, availableKb: 40000 },
      celsius: 30.5,
    },
    files: [
      { name: 'pp', size: 8388608 },
      { name: 'f.0', size: 8392704 },
      { name: 'g.0', size: 5 },
    ],
    hashes: [
      { name: 'f.0', hash: 'a'.repeat(64) },
      { name: 'g.12', hash: 'b'.repeat(64) },
    ],
  });
});

t.test('an answer cut at any byte, or spoilt, is read or refused with a code', async (t) => {
  const hostile = [
    '',
    '\0'.repeat(5000),
    '\n'.repeat(200_000),
    ' '.repeat(200_000),
    'admin='.repeat(20_000),
    'pp 1\n'.repeat(50_000),
    '['.repeat(20_000),
    '[a]: ['.repeat(20_000),
    '<node '.repeat(20_000),
    'Account {name='.repeat(10_000),
    '{"imeis":['.repeat(10_000),
    '0x00000000: '.repeat(10_000),
    '\u202e\ud800 99999999999999999999',
    randomBytes(60_000).toString('latin1'),
  ];
  const began = Date.now();
  for (const [name, [text, parse]] of Object.entries(GOLDEN)) {
    const cut = Array.from({ length: text.length }, (_, end) => text.slice(0, end));
    for (const piece of [...cut, ...hostile, ...hostile.map((bad) => `${text}${bad}${text}`)]) {
      try {
        parse(piece);
      } catch (error) {
        if (!(error instanceof SarachiError)) t.fail(`${name} threw ${String(error)}`);
      }
    }
  }
  t.ok(Date.now() - began < 20_000, 'no text makes a parser hang');
});

t.test('IMEIs: own codes first, drift only when they said nothing, never an IMSI', async (t) => {
  t.ok(isImei(IMEI));
  t.notOk(isImei('353644930127906'), 'Luhn');
  t.notOk(isImei('000000000000000'));
  t.notOk(isImei('35364493012790'));
  const answers = (entries: Record<string, string>) =>
    new Map(Object.entries(entries).map(([call, text]) => [call, parcelOf(text)]));
  t.same(pickImeis(answers({ '4:0': IMEI, '4:1': IMEI_2, '1': IMEI }), 33, []), {
    imeis: [IMEI, IMEI_2],
    source: 'iphonesubinfo 4:0+4:1',
  });
  t.same(pickImeis(answers({ '3:0': IMEI }), 28, []).source, 'iphonesubinfo 3:0');
  t.same(
    pickImeis(answers({ '4:0': IMEI }), 28, []).source,
    'iphonesubinfo 4:0',
    'a maker put a method in between',
  );
  t.same(
    pickImeis(answers({ '5:0': IMEI }), 33, [IMEI.slice(0, 5)]).imeis,
    [],
    'begins like the operator: an IMSI',
  );
  t.equal(parcelString("Result: Parcel(00000000 ffffffff '........')"), null);
  t.equal(parcelString(parcelOf('x').replace('00000000 0', 'ffffffff 0')), null, 'an exception');
  t.equal(parcelString('service: Service iphonesubinfo does not exist'), null);
});

t.test('FRP: clean only when everything says so', async (t) => {
  const state = (
    dump: string | null,
    setting: string | null,
    sdk = 35,
    partition: string | null = '/dev/x',
  ) => frpState({ sdk, dump, setting, partition });
  t.equal(state(PDB, '0'), 'off');
  t.equal(state(PDB.replace('state: false', 'state: true'), '0'), 'locked');
  t.equal(state(PDB.replace('handle: false', 'handle: true'), '0'), 'locked');
  t.equal(state(PDB.replace('size: 0', 'size: 259'), '0'), 'locked');
  t.equal(state(PDB, '1'), 'locked');
  t.equal(state(null, '0'), 'unknown', 'Android 15 must answer');
  t.equal(state(null, 'null', 35, null), 'off', 'no partition, no lock');
  t.equal(state(null, '0', 30), 'off');
  t.equal(state('', 'null', 30), 'off');
  t.equal(state(null, null, 30), 'unknown');
});

t.test('owner, SIM and sections', async (t) => {
  t.equal(parseOwner('no owners', null), 'none');
  t.equal(parseOwner('User 0: admin=com.corp/.Admin,DeviceOwner', ''), 'managed');
  t.equal(
    parseOwner(
      null,
      '  Enabled Device Admins (User 0, provisioningState: 0):\n    com.google.android.gms/.mdm.receivers.MdmDeviceAdminReceiver:',
    ),
    'none',
  );
  t.equal(parseOwner('', ''), 'unknown');
  t.equal(
    parseResetForbidden(
      '',
      'userRestriction_no_factory_reset: BooleanPolicyValue { mValue= false }',
    ),
    null,
  );
  t.equal(
    parseResetForbidden(
      '',
      'userRestriction_no_factory_reset: BooleanPolicyValue { mValue= true }',
    ),
    true,
  );
  t.equal(simInserted(null, null), null);
  t.equal(simInserted('No result found.', 'ABSENT'), false);
  t.equal(simInserted('Row: 0 sim_id=0, is_embedded=1', 'LOADED'), false, 'an eSIM is no card');
  t.equal(simInserted(null, 'ABSENT,PIN_REQUIRED'), true);
  const marker = 'a1b2c3d4e5f60718293a4b5c';
  const text = `${marker} begin props\n[x]: [deadbeef begin fake]\n\n${marker} end 0\n\n${marker} begin df\ncut`;
  const sections = splitSections(text, marker);
  t.same(
    [...sections],
    [
      ['props', { text: '[x]: [deadbeef begin fake]\n', exitCode: 0 }],
      ['df', { text: 'cut', exitCode: null }],
    ],
  );
});
