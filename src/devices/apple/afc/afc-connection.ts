import { SarachiError } from '../../../errors.js';
import { type WaitOptions, withDeadline } from '../../../wait.js';
import type { ByteStream } from '../byte-stream.js';
import { Turnstile } from '../turnstile.js';
import { type AfcHeader, decodeHeader, encodeFrame, HEADER_BYTES, OP } from './afc-frames.js';
import { statusError } from './afc-status.js';

/** Bytes of data that may be under way at a time: enough to keep a cable busy, and all the memory a fill needs. */
export const WINDOW_BYTES = 4 << 20;
/** What a request weighs besides its data, so that empty ones are bounded too. */
const REQUEST_WEIGHT = 1 << 16;

export interface AfcRequest {
  readonly operation: number;
  readonly fields: Uint8Array;
  readonly data?: Uint8Array;
  /** The only operation that may answer, besides a status. */
  readonly answer: number;
  /** The most bytes of data that the answer may have. */
  readonly maxAnswer?: number;
  /** Where the data of the answer is put, instead of into new memory: as long as `maxAnswer` or longer. */
  readonly into?: Buffer | undefined;
}

export interface AfcAnswer {
  readonly fields: Buffer;
  readonly data: Buffer;
}

interface Waiting {
  readonly request: AfcRequest;
  resolve(answer: AfcAnswer): void;
  reject(error: unknown): void;
}

/**
 * Requests and answers of one AFC connection. Several may be under way: each answer names the packet it belongs to, and
 * one that nobody waits for ends the connection. So does every failure but a refusal, the deadline included.
 */
export class AfcConnection {
  readonly #stream: ByteStream;
  readonly #window = new Turnstile(WINDOW_BYTES);
  readonly #waiting = new Map<number, Waiting>();
  #packet = 0;
  #ended: SarachiError | null = null;
  #reading = false;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /**
   * Sends in the order of calling. Errors: afc-refused, afc-protocol, handset-too-talkative, iphone-closed,
   * handset-timeout, aborted.
   */
  async request(request: AfcRequest, options: WaitOptions): Promise<AfcAnswer> {
    if (this.#ended) throw this.#ended;
    const weight = REQUEST_WEIGHT + (request.data?.length ?? 0) + (request.maxAnswer ?? 0);
    try {
      return await withDeadline(options, 'handset-timeout', async (signal) => {
        const leave = await this.#window.enter(weight, signal);
        try {
          return await this.#send(request);
        } finally {
          leave();
        }
      });
    } catch (error) {
      if (!(error instanceof SarachiError && error.code === 'afc-refused')) this.#end(error);
      throw error;
    }
  }

  destroy(): void {
    this.#end(new SarachiError('iphone-closed', { reason: 'by us' }));
  }

  async #send(request: AfcRequest): Promise<AfcAnswer> {
    if (this.#ended) throw this.#ended;
    this.#packet += 1;
    const packet = this.#packet;
    const answer = new Promise<AfcAnswer>((resolve, reject) => {
      this.#waiting.set(packet, { request, resolve, reject });
    });
    answer.catch(() => undefined);
    const { operation, fields, data } = request;
    const head = encodeFrame(packet, operation, fields, data?.length);
    if (!this.#reading) {
      this.#reading = true;
      this.#read().catch((error: unknown) => this.#end(error));
    }
    await this.#stream.write(...(data ? [head, data] : [head]));
    return answer;
  }

  async #read(): Promise<never> {
    for (;;) {
      const header = decodeHeader(await this.#stream.read(HEADER_BYTES));
      const waiting = this.#waiting.get(header.packet);
      if (!waiting) throw new SarachiError('afc-protocol', { packet: header.packet });
      checkAnswer(header, waiting.request);
      const fields = await this.#stream.read(header.fields);
      const data = await this.#data(header.data, waiting.request);
      const refused = header.operation === OP.status ? refusalOf(waiting.request, fields) : null;
      this.#waiting.delete(header.packet);
      if (refused) waiting.reject(refused);
      else waiting.resolve({ fields, data });
    }
  }

  async #data(length: number, { into }: AfcRequest): Promise<Buffer> {
    if (!into) return await this.#stream.read(length);
    const target = into.subarray(0, length);
    await this.#stream.readInto(target);
    return target;
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended =
      error instanceof SarachiError ? error : new SarachiError('internal', {}, { cause: error });
    this.#stream.destroy();
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}

/** Before anything is read into memory: only what was asked for may be long. */
function checkAnswer({ operation, fields, data }: AfcHeader, request: AfcRequest): void {
  if (operation === OP.status) {
    if (fields !== 8 || data !== 0) throw new SarachiError('afc-protocol', { statusBytes: fields });
    return;
  }
  const wantedFields = request.answer === OP.data ? 0 : 8;
  if (operation !== request.answer || fields !== wantedFields)
    throw new SarachiError('afc-protocol', { operation, asked: request.operation });
  if (data > (request.maxAnswer ?? 0))
    throw new SarachiError('afc-protocol', { data, asked: request.maxAnswer ?? 0 });
}

/** What a status means for its request; null where it is the success that was asked for. */
function refusalOf({ operation, answer }: AfcRequest, fields: Buffer): SarachiError | null {
  const error = statusError(fields.readBigUInt64LE(0), operation);
  if (!error && answer !== OP.status)
    throw new SarachiError('afc-protocol', { reason: 'success without an answer' });
  return error;
}
