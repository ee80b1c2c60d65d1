import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { VERSION } from '../src/version.js';

/** Lower layers come first; a file may import its own folder and the layers before it, never a sibling of its layer. */
const LAYERS: readonly (readonly string[])[] = [
  ['base'],
  ['devices'],
  ['erasure-engines', 'carrier-check', 'ledger', 'simulator'],
  ['ports', 'pipeline'],
  ['http'],
  ['daemon'],
  ['cli'],
];
/** The carrier check is a stage as the engines have them; the ledger's words are the verdict's. */
const ALSO: readonly string[] = ['carrier-check -> erasure-engines', 'erasure-engines -> ledger'];
const PURE = [
  'src/ports/port-machine.ts',
  'src/ports/port-steps.ts',
  'src/ports/port-state.ts',
  'src/ports/port-view.ts',
  'src/ports/light.ts',
  'src/ports/lights.ts',
  'src/cli/learn/walk.ts',
  'src/cli/learn/words.ts',
  'src/cli/learn/write-map.ts',
  'src/devices/hub/cambrionix/led-value.ts',
  'src/devices/hub/uhubctl/port-switches.ts',
  'src/devices/hub/uhubctl/read-status.ts',
  'src/ports/doctor/doctor.ts',
  'src/ports/doctor/doctor-history.ts',
  'src/ports/doctor/power-cycle.ts',
  'src/ports/doctor/usb-budget.ts',
  'src/ports/doctor/work-order.ts',
  'src/ports/readiness.ts',
  ...['frames', 'freshness', 'rack-view'].map((name) => `src/http/panel/live/${name}.ts`),
  ...['groups', 'route', 'reasons', 'confirm-choices'].map((name) => `src/http/panel/${name}.ts`),
  'src/pipeline/next-step.ts',
  'src/pipeline/plan.ts',
  'src/pipeline/plans/plan-android.ts',
  'src/pipeline/plans/plan-iphone.ts',
  'src/pipeline/run-record.ts',
  'src/pipeline/verdict.ts',
  'src/erasure-engines/android/ladder.ts',
  'src/erasure-engines/android/gates.ts',
  'src/erasure-engines/proof.ts',
  'src/erasure-engines/felica/judge-felica.ts',
  'src/erasure-engines/felica/judge-identity.ts',
  'src/erasure-engines/felica/judge-soundness.ts',
  'src/erasure-engines/felica/findings.ts',
  'src/erasure-engines/felica/nodes-to-probe.ts',
  'src/carrier-check/decide-restriction.ts',
  'src/carrier-check/broker/breaker.ts',
  'src/carrier-check/broker/canary.ts',
  'src/carrier-check/broker/pace.ts',
  'src/carrier-check/broker/plan.ts',
  'src/carrier-check/watch/due-checks.ts',
  'src/carrier-check/watch/quotas.ts',
  'src/carrier-check/restrictions/mark-change.ts',
  'src/carrier-check/restrictions/lost-answers.ts',
];

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => path.join(dir, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

function roomOf(file: string): string {
  const [, folder = '', rest] = file.split(path.sep);
  return rest === undefined ? 'base' : folder;
}

function layerOf(room: string): number {
  return LAYERS.findIndex((rooms) => rooms.includes(room));
}

/** What is wrong with one import, or null. */
function faultOf(from: string, to: string): string | null {
  if (from === to) return null;
  if (to === 'simulator' && from !== 'cli') return 'only the demo and tests may know the simulator';
  if (from === 'simulator' && to !== 'base' && to !== 'devices')
    return 'the simulator stands behind the wire';
  if (ALSO.includes(`${from} -> ${to}`)) return null;
  return layerOf(to) < layerOf(from) ? null : 'imports point one way';
}

t.test('imports point one way', async (t) => {
  let seen = 0;
  for (const file of filesBelow('src')) {
    for (const specifier of importsOf(file).filter((name) => name.startsWith('.'))) {
      const target = path.join(path.dirname(file), specifier);
      const [from, to] = [roomOf(file), roomOf(target)];
      if (layerOf(from) < 0 || layerOf(to) < 0) t.fail(`${file}: no layer for ${from} or ${to}`);
      const fault = faultOf(from, to);
      if (fault) t.fail(`${file} -> ${specifier}: ${fault}`);
      seen += 1;
    }
  }
  t.ok(seen > 100, `${seen} imports were looked at`);
});

t.test('the rule itself refuses what it should', async (t) => {
  t.ok(faultOf('ports', 'pipeline'));
  t.ok(faultOf('devices', 'http'));
  t.ok(faultOf('daemon', 'simulator'));
  t.ok(faultOf('simulator', 'ports'));
  t.notOk(faultOf('http', 'ports'));
});

t.test('pure files have no clock, no I/O and no logger', async (t) => {
  for (const file of PURE) {
    const text = readFileSync(file, 'utf8');
    const bad = importsOf(file).filter((name) =>
      /^node:|^pino$|^bullmq$|^ioredis$|\/log\.js$/.test(name),
    );
    t.strictSame(bad, [], `${file} imports`);
    t.notMatch(
      text,
      /\bDate\.now\(|\bnew Date\(\)|\bsetTimeout\(|\bprocess\.|\bMath\.random\(/,
      file,
    );
  }
});

t.test('the version is the one of package.json', async (t) => {
  t.equal(VERSION, JSON.parse(readFileSync('package.json', 'utf8')).version);
});
