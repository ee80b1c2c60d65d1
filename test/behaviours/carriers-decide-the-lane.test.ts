import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import t from 'tap';
import { startDemoCarriers } from '../../src/cli/demo/demo-carriers.js';
import { verifyCommand } from '../../src/cli/verify.js';
import type { Evidence } from '../../src/evidence.js';
import type { SignedCertificate } from '../../src/ledger/certificate-schema.js';
import type { PortView } from '../../src/ports/view.js';
import { imeiOf } from '../carrier-check/helpers/broker-world.js';
import { World } from '../support/world.js';

const [CROSSED, FREE, WAITING, TESTER] = [imeiOf(1), imeiOf(2), imeiOf(3), '001010123456780'];
const PIXEL = { profile: 'google-pixel-9', condition: 'in-use' } as const;

async function world() {
  const folder = await mkdtemp(path.join(tmpdir(), 'sarachi-carriers-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const carriers = await startDemoCarriers(folder, {
    [CROSSED]: { docomo: 'circle', kddi: 'cross' },
    [WAITING]: { docomo: 'circle' },
  });
  t.teardown(() => carriers.close());
  const carrierCheck = { ...carriers.carrierCheck, waitSeconds: 8 };
  return { carriers, world: await World.start(t, { config: { carrierCheck } }) };
}

async function evidenceOf(world: World, run: string | null): Promise<readonly Evidence[]> {
  const route = `/api/v1/runs/${run}/evidence`;
  return (await world.get<{ evidence: readonly Evidence[] }>(route)).evidence;
}

function marksIn(evidence: readonly Evidence[]): Record<string, string> {
  const marks = evidence.filter(({ kind }) => kind === 'carrier-mark');
  return Object.fromEntries(
    marks.map(({ value }) => [value['carrier'], `${value['mark']} ${value['outcome']}`]),
  );
}

async function verified(world: World, { run }: PortView): Promise<SignedCertificate> {
  const said: string[] = [];
  const pen = { write: (text: string) => said.push(text) > 0 };
  const key = path.join(world.state, 'keys', 'certificate.public.pem');
  const file = path.join(world.state, 'certificates', `${run}.json`);
  const args = [file, '--key', key, '--state', world.state];
  if ((await verifyCommand(args, { stdout: pen, stderr: pen })) !== 0) t.fail(said.join(''));
  return world.get(`/api/v1/runs/${run}/certificate`);
}

t.test('handsets are erased and go where the carriers send them', async (t) => {
  const { carriers, world: rack } = await world();
  await rack.plug('P01', { spec: { ...PIXEL, imeis: [CROSSED] } });
  await rack.plug('P11', { spec: { ...PIXEL, imeis: [FREE] } });
  await rack.plug('P31', { spec: { ...PIXEL, imeis: [TESTER] } });
  const ready = await rack.get<{ ready: boolean; checks: { name: string; detail: string }[] }>(
    '/readyz',
  );
  t.equal(ready.ready, true);
  t.match(ready.checks.find(({ name }) => name === 'carrier docomo')?.detail, /^asked, /);

  const past = ({ stage, state }: PortView) => stage === 'reset-delete' || state === 'settled';
  await Promise.all([rack.until('P01', past), rack.until('P11', past)]);
  await rack.until('P31', ({ attention }) => attention?.code === 'imei-not-usable');

  // From here on one carrier says nothing, and the daemon dies while it waits for it.
  carriers.mode('softbank', 'slow');
  await rack.plug('P21', { spec: { ...PIXEL, imeis: [WAITING] } });
  const { run } = await rack.until('P21', ({ stage }) => stage === 'carrier-check');
  const pid = rack.demo.daemonPid;
  await rack.until('P21', ({ stage, progress }) => {
    return stage === 'carrier-check' && (progress?.done ?? 0) > 0.7;
  });
  if (pid) process.kill(pid, 'SIGKILL');
  await rack.until('P21', past);
  t.match(rack.said.join(), /the daemon ended/);
  const marks = marksIn(await evidenceOf(rack, run));
  t.same(marks, {
    docomo: 'circle ok',
    kddi: 'dash ok',
    rakuten: 'dash ok',
    mineo: 'dash ok',
    softbank: 'unknown skipped',
  });
  for (const carrier of ['docomo', 'kddi', 'rakuten', 'mineo'] as const) {
    const asked = carriers.log().filter((one) => one.carrier === carrier && one.imei === WAITING);
    t.equal(asked.length, 1, `${carrier} was asked once`);
  }
  t.notOk(
    carriers.log().some(({ imei }) => imei === TESTER),
    'nobody was asked about a test number',
  );

  const [crossed, free, waiting] = await Promise.all(
    ['P01', 'P11', 'P21'].map((port) => rack.settled(port, 120)),
  );
  t.match(crossed, {
    verdict: 'passed',
    lane: 'return',
    reasons: ['restriction:kddi:cross'],
    light: { colour: 'red' },
  });
  t.match(free, {
    verdict: 'passed',
    lane: 'release',
    reasons: ['note:sim-free-or-not-registered'],
    light: { colour: 'green' },
  });
  t.match(waiting, {
    verdict: 'passed',
    lane: 'attention',
    reasons: ['restriction:softbank:unknown:skipped'],
    light: { colour: 'yellow' },
  });
  for (const view of [crossed, free, waiting]) {
    if (!view) continue;
    const { certificate } = await verified(rack, view);
    t.equal(certificate.lane, view.lane);
  }
});
