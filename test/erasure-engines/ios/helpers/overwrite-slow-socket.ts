import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';

/** Another socket for the same usbmuxd, on which connections can be made to stand still without ending. */
export async function slowSocket(t: Test, target: string) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sarachi-slow-'));
  const socket = path.join(folder, 'usbmuxd');
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(socket);
  await once(server, 'listening');
  t.teardown(async () => {
    for (const one of open) one.destroy();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    socket,
    /** Nothing that is connected now moves any more. */
    freeze: () => {
      for (const one of open) one.unpipe().pause();
    },
  };
}
