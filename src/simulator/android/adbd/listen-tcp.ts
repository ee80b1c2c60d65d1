import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { asSarachiError, SarachiError } from '../../../errors.js';
import type { AdbDaemon } from './adb-daemon.js';

export interface TcpListener {
  /** The port on 127.0.0.1 that `adb connect` takes. */
  readonly port: number;
  /** Drops the connections that came in here, and at once each that still comes. The port stays taken. */
  refuse(): void;
  /** Stops listening and drops the connections that came in here. */
  close(): Promise<void>;
}

export interface TcpOptions {
  /** A port to come back on after a reboot; 0, the default, takes any free one. */
  readonly port?: number;
  /** Told why a connection broke. Without it the host is only dropped, which is all a real handset would show. */
  readonly onFault?: (error: SarachiError) => void;
}

/** Lets adb servers reach the daemon on 127.0.0.1. Rejects with `internal` when the port cannot be had. */
export async function listenTcp(daemon: AdbDaemon, options: TcpOptions = {}): Promise<TcpListener> {
  const { port = 0, onFault = () => undefined } = options;
  const sockets = new Set<Socket>();
  let refusing = false;
  const server = createServer({ noDelay: true }, (socket) => {
    if (refusing) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    daemon
      .serve(socket)
      .catch((error: unknown) => onFault(asSarachiError(error)))
      .finally(() => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw new SarachiError('internal', { adbPort: port }, { cause: error });
  });
  const closed = once(server, 'close').then(() => undefined);
  const refuse = () => {
    refusing = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    refuse,
    close: async () => {
      server.close();
      refuse();
      await closed;
    },
  };
}
