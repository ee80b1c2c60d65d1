import { once } from 'node:events';
import { createConnection } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { createPattern } from '../../src/erasure-engines/ios/overwrite/pattern.js';
import { MAX_UNIT, newFillPlan } from '../../src/erasure-engines/ios/overwrite/plan.js';
import { SarachiError } from '../../src/errors.js';
import { newRsaKey } from '../../src/simulator/apple/rsa-key.js';
import { newPairRecord } from '../../src/simulator/apple/usbmux/new-pair-record.js';
import { measure, type PartCost } from './child.js';

/** `up`: send so many bytes; `down`: receive them. */
export interface CopyJob {
  readonly way: 'up' | 'down';
  readonly socket: string;
  readonly bytes: number;
}

export interface Copied {
  readonly protocol: string;
  readonly cost: PartCost;
}

const ORDER_BYTES = 9;
/** The very bytes of a fill, in pieces of the same size. */
const UNITS_PER_FILE = 256;
const PLAN = newFillPlan('bench', MAX_UNIT * UNITS_PER_FILE);

/** The other side of bare TLS connections, on which nothing is done with the bytes. */
export async function serveCopies(socket: string): Promise<void> {
  const deviceKey = await newRsaKey();
  const { DeviceCertificate } = await newPairRecord(deviceKey, 'bench');
  const server = createServer({ key: deviceKey, cert: DeviceCertificate }, (peer) => {
    peer.on('error', () => peer.destroy());
    void answer(peer);
  });
  server.listen(socket);
  await once(server, 'listening');
}

async function answer(peer: TLSSocket): Promise<void> {
  const [order] = (await once(peer, 'data')) as [Buffer];
  const bytes = Number(order.readBigUInt64LE(1));
  if (order[0] === 1) {
    await receive(peer, bytes);
    peer.end('!');
  } else {
    await send(peer, bytes);
    peer.end();
  }
}

/** Copies over one bare TLS connection, from its first byte to the other side's word that it has all. */
export async function copyOverTls({ way, socket, bytes }: CopyJob): Promise<Copied> {
  const plain = createConnection(socket);
  const tls = connect({ socket: plain, rejectUnauthorized: false });
  await once(tls, 'secureConnect');
  const order = Buffer.alloc(ORDER_BYTES, way === 'up' ? 1 : 0);
  order.writeBigUInt64LE(BigInt(bytes), 1);
  tls.write(order);
  const cost = measure();
  if (way === 'up') {
    const heard = once(tls, 'data');
    await send(tls, bytes);
    await heard;
  } else await receive(tls, bytes);
  const done = { protocol: tls.getProtocol() ?? '', cost: cost() };
  tls.destroy();
  return done;
}

async function send(tls: TLSSocket, bytes: number): Promise<void> {
  const pattern = createPattern(PLAN);
  for (let at = 0; at < bytes; at += MAX_UNIT) {
    const offset = at % (MAX_UNIT * UNITS_PER_FILE);
    const file = Math.floor(at / (MAX_UNIT * UNITS_PER_FILE));
    if (!tls.write(pattern(file, offset, Math.min(MAX_UNIT, bytes - at)))) await once(tls, 'drain');
  }
}

async function receive(tls: TLSSocket, bytes: number): Promise<void> {
  let left = bytes;
  tls.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left <= 0) tls.emit('all');
  });
  if (left > 0) await once(tls, 'all');
  if (left !== 0) throw new SarachiError('internal', { tag: 'bench-copy', left });
}
