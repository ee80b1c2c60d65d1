import t from 'tap';
import { buildReport } from '../../../src/erasure-engines/android/build-report.js';

t.test('silence is no report: nothing answered means nothing known', async (t) => {
  const { identity, state } = buildReport(new Map());
  t.match(identity, {
    serial: null,
    imeis: [],
    felica: 'unknown',
    esim: 'unknown',
    encryption: 'unknown',
  });
  t.match(state, {
    accounts: null,
    addedApps: null,
    users: null,
    owner: 'unknown',
    frp: 'unknown',
    simInserted: null,
    batteryPercent: null,
  });
});

t.test('no modem is only said of a handset that listed its features', async (t) => {
  const telephony = (text: string | null) => {
    const sections = text === null ? [] : [['features', { text, exitCode: 0 }] as const];
    return buildReport(new Map(sections)).capabilities.telephony;
  };
  t.equal(telephony('feature:android.hardware.nfc\nfeature:android.hardware.telephony\n'), true);
  t.equal(telephony('feature:android.hardware.nfc\n'), false);
  t.equal(telephony("cmd: Can't find service: package\n"), null);
  t.equal(telephony(null), null);
});
