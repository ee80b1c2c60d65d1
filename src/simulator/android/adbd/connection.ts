import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { asSarachiError, hasCode, SarachiError } from '../../../errors.js';
import type { HandsetOs, WireFaults } from '../handset-os.js';
import { AdbStream, type Service } from './adb-stream.js';
import { bannerText } from './banner.js';
import { AUTH, answerAuth, TOKEN_LENGTH } from './login.js';
import { COMMAND, type Packet, PacketParser, packet } from './packet.js';
import { PacketWriter } from './packet-writer.js';
import { findService } from './services.js';

/** More open streams than any host needs; the next OPEN is refused. */
const MAX_STREAMS = 256;

/** Longer than a header, so that the host sees a wrong magic and not just a slow packet. */
const GARBAGE_LENGTH = 64;

export interface HostWire {
  readonly os: HandsetOs;
  readonly faults: WireFaults;
  readonly wire: Duplex;
}

/** One host's connection: login, then streams, until either side leaves. */
export class HostConnection {
  readonly #os: HandsetOs;
  readonly #faults: WireFaults;
  readonly #wire: Duplex;
  readonly #parser: PacketParser;
  readonly #writer: PacketWriter;
  readonly #streams = new Map<number, AdbStream>();
  readonly #served = new Set<Promise<void>>();
  #lastId = 0;
  #state: 'waiting' | 'login' | 'online' = 'waiting';
  #token: Buffer = Buffer.alloc(0);
  #offered = false;
  #version = 0;
  #maxPayload = 0;
  #failure: SarachiError | null = null;

  constructor({ os, faults, wire }: HostWire) {
    this.#os = os;
    this.#faults = faults;
    this.#wire = wire;
    this.#parser = new PacketParser(os.banner());
    this.#writer = new PacketWriter(wire, faults);
  }

  /** Resolves when the connection ended; rejects with what broke it when that was not just the wire going away. */
  async run(): Promise<void> {
    // A host that leaves rudely is a pulled cable, a normal end; the loop below ends with it.
    this.#wire.on('error', () => undefined);
    try {
      for await (const chunk of this.#wire) await this.#take(chunk);
    } catch (error) {
      if (!this.#wire.destroyed) this.#fail(error);
    }
    this.drop();
    await Promise.all(this.#served);
    if (this.#failure !== null) throw this.#failure;
  }

  /** Ends the connection and every stream on it at once. */
  drop(): void {
    this.#closeStreams();
    this.#wire.destroy();
  }

  async #take(chunk: Buffer): Promise<void> {
    try {
      for (const message of this.#parser.push(chunk)) {
        this.#handle(message);
        await this.#writer.drained();
        if (this.#wire.destroyed) return;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= asSarachiError(error);
    this.drop();
  }

  #handle(message: Packet): void {
    const online = this.#state === 'online';
    if (message.command === COMMAND.CNXN) this.#greet(message);
    else if (message.command === COMMAND.AUTH) this.#login(message);
    else if (message.command === COMMAND.OPEN && online) this.#open(message);
    else if (online) this.#toStream(message);
  }

  #greet(greeting: Packet): void {
    const banner = this.#os.banner();
    if (greeting.arg1 === 0) throw new SarachiError('adb-protocol', { fault: 'maxdata 0' });
    this.#closeStreams();
    this.#version = Math.min(greeting.arg0, banner.version);
    this.#maxPayload = Math.min(greeting.arg1, banner.maxPayload);
    this.#parser.agree(this.#version);
    this.#state = 'login';
    if (this.#os.trustedKeys() === 'open') this.#welcome();
    else this.#sendToken();
  }

  #login(auth: Packet): void {
    if (this.#state !== 'login') return;
    const answer = answerAuth(auth, this.#token, this.#os.trustedKeys());
    if (answer.kind === 'welcome') this.#welcome();
    if (answer.kind === 'new-token') this.#sendToken();
    if (answer.kind === 'offer' && !this.#offered) {
      this.#offered = true;
      this.#os.offerKey(answer.publicKey).then(
        () => this.#allowed(),
        // The person said no: adbd stays silent, and the host may offer again.
        () => this.#denied(),
      );
    }
  }

  #allowed(): void {
    this.#offered = false;
    if (this.#state === 'login') this.#welcome();
  }

  #denied(): void {
    this.#offered = false;
  }

  #sendToken(): void {
    this.#token = randomBytes(TOKEN_LENGTH);
    this.#send(packet(COMMAND.AUTH, AUTH.TOKEN, 0, this.#token));
  }

  #welcome(): void {
    const banner = this.#os.banner();
    this.#state = 'online';
    const text = Buffer.from(bannerText(banner));
    this.#send(packet(COMMAND.CNXN, banner.version, banner.maxPayload, text));
  }

  #open({ arg0: remoteId, arg1: window, payload }: Packet): void {
    if (remoteId === 0) return;
    if (this.#faults.garbage === true) {
      this.#faults.garbage = false;
      this.#writer.sendRaw(randomBytes(GARBAGE_LENGTH));
      return;
    }
    const name = payload.toString().replace(/\0+$/, '');
    const service = this.#faults.mute === true ? silence : this.#find(name);
    // A window asks for delayed acknowledgement, which this daemon never announces.
    if (service === null || window !== 0 || this.#streams.size >= MAX_STREAMS) {
      this.#send(packet(COMMAND.CLSE, 0, remoteId));
      return;
    }
    this.#lastId += 1;
    const stream = new AdbStream({
      localId: this.#lastId,
      remoteId,
      maxPayload: this.#maxPayload,
      send: (message) => this.#send(message),
    });
    this.#streams.set(this.#lastId, stream);
    this.#send(packet(COMMAND.OKAY, this.#lastId, remoteId));
    const served = this.#serve(stream, service).finally(() => this.#served.delete(served));
    this.#served.add(served);
  }

  #find(name: string): Service | null {
    return this.#os.accepts(name) ? findService(name, this.#os) : null;
  }

  /** Runs a service; never rejects. */
  async #serve(stream: AdbStream, service: Service): Promise<void> {
    try {
      // A service may end this connection (a reboot): the host must have its OKAY before that.
      await this.#writer.flushed();
      if (!stream.signal.aborted) await service(stream);
    } catch (error) {
      if (!hasCode(error, 'adb-closed') || !stream.signal.aborted) this.#fail(error);
    }
    stream.close();
    this.#streams.delete(stream.ends.localId);
  }

  #toStream({ command, arg0: remoteId, arg1: localId, payload }: Packet): void {
    const stream = this.#streams.get(localId);
    if (stream === undefined) return;
    const refusal = command === COMMAND.CLSE && remoteId === 0;
    if (stream.ends.remoteId !== remoteId && !refusal) return;
    if (command === COMMAND.OKAY) stream.acknowledged();
    else if (command === COMMAND.WRTE) stream.arrived(payload);
    else if (command === COMMAND.CLSE) stream.hostClosed();
  }

  #closeStreams(): void {
    for (const stream of this.#streams.values()) stream.hostClosed();
    this.#streams.clear();
  }

  #send(message: Packet): void {
    this.#writer.send(message, this.#version);
  }
}

/** The mute fault as a service: takes nothing, says nothing, until the host gives up. */
async function silence(stream: AdbStream): Promise<void> {
  if (stream.signal.aborted) return;
  await new Promise<void>((resolve) => {
    stream.signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
