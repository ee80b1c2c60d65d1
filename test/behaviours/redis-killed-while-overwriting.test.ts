import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import t from 'tap';
import { SLOW_TO_FILL, World } from '../support/world.js';

/** Processes of this daemon by program name, found by their parent. */
function childrenOf(parent: number, program: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return ppid === parent && readlinkSync(`/proc/${pid}/exe`).endsWith(program);
      } catch {
        return false;
      }
    })
    .map(Number);
}

for (const [program, what] of [
  ['redis-check-rdb', 'Redis'],
  ['adb', 'the adb server'],
] as const) {
  t.test(
    `${what} is killed in the middle: it comes back, no stage runs twice and the run passes`,
    async (t) => {
      const world = await World.start(t);
      await world.plug('P01', { spec: SLOW_TO_FILL });
      await world.filled('P01', 30_000_000);
      const daemon = world.demo.daemonPid ?? 0;
      const victims = childrenOf(daemon, program);
      t.equal(
        victims.length,
        1,
        `found ${what}: ${execFileSync('ps', ['-o', 'pid,ppid,comm', '--ppid', String(daemon)]).toString()}`,
      );
      for (const pid of victims) process.kill(pid, 'SIGKILL');
      const end = await world.settled('P01', 110);
      t.equal(end.verdict, 'passed', end.reasons.join(', '));
      t.equal(world.demo.daemonPid, daemon, 'the daemon itself lived on');
      const ofRun = (await world.ledger()).filter(({ run }) => run === end.run);
      t.equal(
        ofRun.filter(
          ({ type, body }) =>
            type === 'intent' && body['step'] === 'reset' && body['stage'] === 'reset-delete',
        ).length,
        1,
      );
    },
  );
}
