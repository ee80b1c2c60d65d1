import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { SCENARIOS } from '../rig/full/scenarios/all-scenarios.js';

const HANDSETS = process.env['SARACHI_RIG_HANDSETS'] ?? '12';
const RUN = path.resolve('dist/test/rig/full/run.js');

t.setTimeout(SCENARIOS.length * 1_500_000);

for (const { name, about } of SCENARIOS) {
  t.test(`${name}: ${about}`, { timeout: 1_500_000 }, async (t) => {
    const out = await mkdtemp(path.join(tmpdir(), 'sarachi-rig-out-'));
    t.teardown(() => rm(out, { recursive: true, force: true }));
    const args = ['--handsets', HANDSETS, '--scenario', name, '--minutes', '20', '--out', out];
    const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => {
        said += piece;
      });
    const [code] = (await once(child, 'exit')) as [number | null];
    t.equal(code, 0, said.split('\n').slice(-60).join('\n'));
    t.match(said, new RegExp(`${HANDSETS} handsets, ${HANDSETS} as expected, 0 not`));
    t.match(said, `${name}: held`);
  });
}
