import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { ledgerVerifyCommand } from '../../src/cli/ledger-verify.js';
import { verifyCommand } from '../../src/cli/verify.js';
import type { PortView } from '../../src/ports/view.js';
import { seeded } from '../support/random.js';
import { World } from '../support/world.js';

const SEED = Number(process.env['SARACHI_SEED'] ?? 20261121);
const KILLS = Number(process.env['SARACHI_KILLS'] ?? 3);
const LONGEST_LIFE_MS = 3_500;

function listener() {
  let said = '';
  const pen = {
    write: (text: string) => {
      said += text;
      return true;
    },
  };
  return { io: { stdout: pen, stderr: pen }, said: () => said };
}

/** After several deaths in one stage a person is asked to look at the host; that person presses Retry. */
async function finish(world: World, port: string): Promise<PortView> {
  for (;;) {
    const view = await world.until(
      port,
      ({ state, actions }) =>
        state === 'settled' || (state === 'attention' && actions.includes('retry')),
      90,
    );
    if (view.state === 'settled') return view;
    if (view.attention?.code !== 'host-trouble')
      throw new Error(`${port} asks for ${view.attention?.code}`);
    await world.act(port, 'retry');
  }
}

t.test('a daemon that is killed again and again still erases each handset once', async (t) => {
  const world = await World.start(t);
  const roll = seeded(SEED);
  t.comment(`SARACHI_SEED=${SEED}`);
  const ports = ['P01', 'P11'] as const;
  const [harness, foyer] = [
    await world.plug('P01', { spec: { profile: 'google-pixel-7', condition: 'in-use' } }),
    await world.plug('P11', { spec: { profile: 'google-pixel-9', condition: 'in-use' } }),
  ];
  for (const port of ports) await world.until(port, ({ run }) => run !== null);
  for (let kill = 0; kill < KILLS; kill += 1) {
    // Not a wait for something: the moment of a death is nobody's choice.
    await delay(roll() * LONGEST_LIFE_MS);
    const pid = world.demo.daemonPid;
    if (pid) process.kill(pid, 'SIGKILL');
    await world.until('P01', () => world.demo.daemonPid !== null && world.demo.daemonPid !== pid);
  }

  const ends = [await finish(world, 'P01'), await finish(world, 'P11')];
  const lines = await world.ledger();
  for (const [at, { handset }] of [harness, foyer].entries()) {
    const port = ports[at];
    const end = ends[at];
    t.equal(end?.verdict, 'passed', `${port}: ${end?.reasons.join(' ')}`);
    const opened = lines.filter((line) => line.type === 'run-opened' && line.port === port);
    t.equal(opened.length, 1, `${port}: one run`);
    t.equal(lines.filter((line) => line.type === 'run-settled' && line.port === port).length, 1);
    // One reset and, in the end, the way back to the first-boot screen; no death may add another.
    t.ok(handset.resets <= 2, `${port}: emptied ${handset.resets} times`);
    const certificate = listener();
    const args = [
      path.join(world.state, 'certificates', `${end?.run}.json`),
      ...['--key', path.join(world.state, 'keys', 'certificate.public.pem')],
      ...['--state', world.state],
    ];
    t.equal(await verifyCommand(args, certificate.io), 0, certificate.said());
  }
  const chain = listener();
  t.equal(await ledgerVerifyCommand(['--state', world.state], chain.io), 0, chain.said());
});
