/** Whose trouble an error is: decides who is called, and whether the port or the handset is blamed. */
export type Blame = 'handset' | 'cable' | 'port' | 'host' | 'carrier' | 'operator' | 'bug';

interface ErrorRow {
  readonly message: string;
  readonly blame: Blame;
  /** True where the same attempt may be made again without a person. */
  readonly again: boolean;
}

function row(message: string, blame: Blame, again = false): ErrorRow {
  return { message, blame, again };
}

/**
 * Every error the daemon can name. Codes are stable: panels, alerts and docs/errors.md hang on them, and a
 * test holds this table and that document together in both directions.
 */
export const ERRORS = {
  'adb-binary-missing': row('the adb program cannot be started', 'host'),
  'adb-server-gone': row('the adb server does not answer', 'host', true),
  'adb-protocol': row('the adb stream broke its own framing', 'host', true),
  'adb-refused': row('adb refused the request', 'handset', true),
  'adb-closed': row('the handset closed the service', 'handset', true),
  'usbmuxd-gone': row('usbmuxd does not answer', 'host', true),
  'usbmuxd-protocol': row('the usbmuxd stream broke its own framing', 'host', true),
  'usbmuxd-refused': row('usbmuxd refused the request', 'host', true),
  'pair-record-unusable': row('the pair record of this iPhone cannot be used', 'host'),
  'iphone-closed': row('the iPhone closed or refused the connection', 'handset', true),
  'iphone-protocol': row('the iPhone answered something else than was asked', 'handset', true),
  'iphone-refused': row('the iPhone refused the request', 'handset'),
  'iphone-tls': row('the encrypted connection to the iPhone failed', 'handset', true),
  'iphone-locked': row('the iPhone is locked', 'operator'),
  'iphone-not-unlocked': row('the iPhone was not unlocked since it started', 'operator'),
  'iphone-unpaired': row('the iPhone does not trust this rack', 'operator'),
  'pairing-pending': row('nobody tapped Trust on the iPhone', 'operator'),
  'pairing-denied': row('trust was declined on the iPhone', 'operator'),
  'pairing-forbidden': row('the management of this iPhone forbids pairing', 'operator'),
  'pairing-supervised': row('this iPhone pairs only with its supervisor', 'operator'),
  'find-my-guard': row('Find My guards this iPhone', 'operator'),
  'afc-protocol': row('the AFC stream broke its own framing', 'handset', true),
  'afc-refused': row('the iPhone refused the file operation', 'handset'),
  'hub-gone': row('the hub, or the program that speaks with it, does not answer', 'host', true),
  'hub-protocol': row('the hub answered something that cannot be read', 'host', true),
  'hub-refused': row('the hub refused the request', 'host', true),
  'hub-not-obeyed': row('the hub says another thing than was asked of it', 'port', true),
  'usb-unavailable': row('this host has no USB bus that can be watched', 'host'),
  'reader-gone': row('the reader left the bus', 'cable', true),
  'reader-busy': row('something else holds the reader', 'host'),
  'reader-unusable': row('the reader cannot be used', 'host'),
  'reader-timeout': row('the reader did not answer in time', 'cable', true),
  'reader-protocol': row('the reader answered something else than was asked', 'cable', true),
  'reader-refused': row('the reader refused the command', 'host', true),
  'rf-fault': row('the air between reader and handset was disturbed', 'operator', true),
  'card-protocol': row('the chip answered something else than was asked', 'handset', true),
  'felica-tool-unusable': row('the tool that clears FeliCa chips cannot be asked', 'host'),
  'felica-residual': row('the FeliCa chip still holds something after it was cleared', 'handset'),
  'recording-mismatch': row('the exchange is not the one that was recorded', 'bug'),
  'recording-invalid': row('the recording cannot be read', 'operator'),
  'handset-gone': row('the handset left the bus', 'cable', true),
  'handset-swapped': row('a different handset answered on this port', 'operator'),
  'handset-garbage': row('the handset answered something that cannot be read', 'handset'),
  'handset-timeout': row('the handset did not answer in time', 'handset', true),
  'handset-too-talkative': row('the handset sent more than the limit for this answer', 'handset'),
  'command-failed': row('a command on the handset failed', 'handset', true),
  'unsupported-handset': row('this handset cannot be worked on by any known method', 'handset'),
  'reset-not-proved': row('the handset did not show that it was reset', 'handset'),
  'reset-no-method': row('no reset method is left to try', 'handset'),
  'overwrite-incomplete': row('the overwrite ended before the storage was full', 'handset', true),
  'overwrite-mismatch': row('what was read back is not what was written', 'handset'),
  'deadline-passed': row('the stage took longer than its limit', 'handset', true),
  aborted: row('the work was stopped on request', 'operator'),
  'lock-lost': row('the queue took the job away', 'host', true),
  'stale-job': row('a job of an earlier attempt was delivered again', 'host'),
  'redis-binary-missing': row('the redis-server program cannot be started', 'host'),
  'redis-gone': row('Redis does not answer', 'host', true),
  'state-in-use': row('another daemon uses this state folder', 'host'),
  'ledger-unwritable': row('the ledger cannot be written', 'host'),
  'ledger-corrupt': row('the ledger does not match its own chain', 'host'),
  'signing-key-unusable': row('the key that signs certificates cannot be used', 'host'),
  'certificate-invalid': row('the certificate does not hold', 'host'),
  'config-invalid': row('the configuration is wrong', 'operator'),
  'not-found': row('there is no such thing', 'operator'),
  'bad-request': row('the request cannot be understood', 'operator'),
  'not-possible-now': row('this action does not fit the state of the port', 'operator'),
  'key-refused': row('no key that is valid here came with the request', 'operator'),
  forbidden: row('this caller may not do that', 'operator'),
  internal: row('a fault in Sarachi itself', 'bug'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetail = Readonly<Record<string, string | number | boolean | null>>;

/** The one error class: a stable code, what was seen, and the cause it came from. */
export class SarachiError extends Error {
  override readonly name = 'SarachiError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail = {}, options?: ErrorOptions) {
    const said = Object.entries(detail)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ');
    super(said ? `${ERRORS[code].message} (${said})` : ERRORS[code].message, options);
    this.code = code;
    this.detail = detail;
  }

  get blame(): Blame {
    return ERRORS[this.code].blame;
  }

  get again(): boolean {
    return ERRORS[this.code].again;
  }
}

/** Any thrown value as a SarachiError; what is not ours becomes `internal` with its cause kept. */
export function asSarachiError(thrown: unknown): SarachiError {
  if (thrown instanceof SarachiError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SarachiError('internal', { message: message.slice(0, 300) }, { cause: thrown });
}

export function hasCode(thrown: unknown, ...codes: ErrorCode[]): thrown is SarachiError {
  return thrown instanceof SarachiError && codes.includes(thrown.code);
}

/** Marks a branch that the types say cannot be reached; the tag makes the line greppable from a log. */
export function unreachable(value: never, tag: string): never {
  throw new SarachiError('internal', { tag, value: JSON.stringify(value) ?? 'undefined' });
}
