import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { portSwitch } from '../../../src/devices/hub/uhubctl/port-switches.js';
import { readStatus } from '../../../src/devices/hub/uhubctl/read-status.js';
import { UhubctlPower } from '../../../src/devices/hub/uhubctl/uhubctl-power.js';
import type { Owner } from '../helpers/owner.js';

const wait = { signal: new AbortController().signal, timeoutMs: 20_000 };

/** A folder of fake hubs and a program that switches them. */
async function hubs(t: Owner, ...ports: string[]) {
  const dir = await mkdtemp(path.join(tmpdir(), 'sarachi-uhubctl-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  for (const port of ports) await writeFile(path.join(dir, port), 'power\n');
  const script = path.resolve('test/devices/hub/helpers/fake-uhubctl.sh');
  const binary = path.join(dir, 'uhubctl');
  await writeFile(binary, `#!/bin/sh\nFAKE_HUBS='${dir}' exec sh '${script}' "$@"\n`, {
    mode: 0o755,
  });
  const calls = async () => (await readFile(path.join(dir, 'calls'), 'utf8')).trim().split('\n');
  const state = async (port: string) => (await readFile(path.join(dir, port), 'utf8')).trim();
  return { dir, binary, calls, state };
}

t.test('a usb path names its switch', async (t) => {
  t.strictSame(portSwitch('1-4.2'), { location: '1-4', port: 2 });
  t.strictSame(portSwitch('2-1.4.10'), { location: '2-1.4', port: 10 });
  t.strictSame(portSwitch('3-7'), { location: '3', port: 7 }, 'a root hub is its bus');
});

t.test('only the status of the hub that was asked for counts', async (t) => {
  const text = [
    'Current status for hub 1-1.4 [x]',
    '  Port 3: 0000 off',
    'Current status for hub 1-1 [0424:2514 USB2514B, USB 2.00, 4 ports, ppps]',
    '  Port 3: 0503 power highspeed enable connect [18d1:4ee7 Google Pixel 7 X: off]',
  ].join('\n');
  t.equal(readStatus(text, '1-1', 3), true, 'a name that ends in off changes nothing');
  t.equal(readStatus(text, '1-1.4', 3), false);
  t.equal(readStatus(text, '1-1', 4), null);
  t.throws(() => readStatus(`${text}\n  Port 3: 0000 off`, '1-1', 3), { code: 'hub-protocol' });
});

t.test('an opening is switched off and on, both halves of it', async (t) => {
  const { binary, calls, state } = await hubs(t, '1-1.3', '2-1.3', '1-1.4');
  const ports = new Map([
    ['P03', ['1-1.3', '2-1.3']],
    ['P04', ['1-1.4']],
  ]);
  const power = new UhubctlPower({ binary, ports });
  t.equal(await power.look(wait), 'uhubctl 2.5.0');
  t.ok(power.can('P03'));
  await power.cycle('P03', 1, wait);
  t.strictSame(
    (await calls()).filter((line) => /o(n|ff)$/.test(line)),
    ['exact=1 1-1 3 off', 'exact=1 2-1 3 off', 'exact=1 1-1 3 on', 'exact=1 2-1 3 on'],
  );
  t.equal(await state('2-1.3'), 'power');
  await power.cycle('P04', 1, wait);
  t.ok(
    (await calls()).includes('exact= 1-1 4 off'),
    'with one half known, uhubctl finds the other',
  );
});

t.test('a hub that does not obey, is not there, or no uhubctl at all', async (t) => {
  const { dir, binary } = await hubs(t, '1-1.3');
  const ports = new Map([
    ['P03', ['1-1.3']],
    ['P09', ['9-9']],
  ]);
  const power = new UhubctlPower({ binary, ports });
  await writeFile(path.join(dir, 'deaf'), '');
  await t.rejects(power.cycle('P03', 1, wait), { code: 'hub-not-obeyed' });
  await t.rejects(power.cycle('P09', 1, wait), { code: 'hub-refused' });
  await t.rejects(power.cycle('P44', 1, wait), { code: 'not-possible-now' });
  const none = new UhubctlPower({ binary: path.join(dir, 'none'), ports });
  await t.rejects(none.look(wait), { code: 'hub-gone' });
});
