import { parseArgs } from 'node:util';
import { hasCode, SarachiError } from '../errors.js';
import { isExpired, type KeyRecord, makeKey } from '../http/access/api-key.js';
import { changeKeyFile, keyFileOf, readKeyFile } from '../http/access/key-store.js';
import { ROLES, type Role } from '../http/access/roles.js';
import type { Clock } from '../wait.js';
import { type CommandIo, EXIT } from './command.js';

const HELP = `Usage: sarachi keys add --state DIR --role ROLE --person NAME [--days N]
       sarachi keys list --state DIR
       sarachi keys revoke ID --state DIR

Keys for the HTTP API. A key is printed once, when it is made, and kept only as a SHA-256. A running daemon takes a
change within a second.

  --state DIR     the state folder of the rack
  --role ROLE     ${ROLES.join(', ')} (docs/access.md)
  --person NAME   who gets it; two keys of one person count as one person
  --days N        how long it is good for, 1 to 1095 (90)

Exit code: 0 done, 1 there is no such key, 64 wrong usage, 75 another one changes the keys, 78 the key file is unusable.
`;

const MOST_DAYS = 1095;

interface Given {
  readonly verb: string;
  readonly id: string | undefined;
  readonly state: string;
  readonly role: string | undefined;
  readonly person: string | undefined;
  readonly days: number;
}

/** `sarachi keys`; `args` are those after `keys`. Resolves with the exit code. */
export async function keysCommand(
  args: string[],
  io: CommandIo,
  clock: Clock = Date.now,
): Promise<number> {
  let given: Given | 'help';
  try {
    given = read(args);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    io.stderr.write(`sarachi keys: ${reason}\n\n${HELP}`);
    return EXIT.usage;
  }
  if (given === 'help') {
    io.stdout.write(HELP);
    return EXIT.ok;
  }
  try {
    return await carryOut(given, io, clock());
  } catch (error) {
    if (!hasCode(error, 'config-invalid', 'state-in-use')) throw error;
    io.stderr.write(`sarachi keys: ${error.message}\n`);
    return error.code === 'state-in-use' ? EXIT.locked : EXIT.config;
  }
}

async function carryOut(given: Given, io: CommandIo, now: number): Promise<number> {
  const file = keyFileOf(given.state);
  switch (given.verb) {
    case 'add': {
      const { role, person = '', days } = given;
      const { text, record } = makeKey({ role: role as Role, person, days }, now);
      await changeKeyFile(file, (keys) => [...keys, record]);
      io.stderr.write(
        `key ${record.id} for ${record.person}, ${record.role}, until ${record.expiresAt}; it is shown this once:\n`,
      );
      io.stdout.write(`${text}\n`);
      return EXIT.ok;
    }
    case 'revoke': {
      const { id } = given;
      let found = false;
      await changeKeyFile(file, (keys) =>
        keys.map((key) => {
          if (key.id !== id) return key;
          found = true;
          return { ...key, revokedAt: key.revokedAt ?? new Date(now).toISOString() };
        }),
      );
      (found ? io.stdout : io.stderr).write(
        found ? `key ${id} is revoked\n` : `there is no key ${id}\n`,
      );
      return found ? EXIT.ok : EXIT.failed;
    }
    case 'list': {
      const { keys } = await readKeyFile(file);
      for (const key of keys) io.stdout.write(`${lineOf(key, now)}\n`);
      return EXIT.ok;
    }
    default:
      throw new SarachiError('internal', { tag: 'keys-verb-41cd', verb: given.verb });
  }
}

function lineOf(key: KeyRecord, now: number): string {
  const until = `until ${key.expiresAt}`;
  const state =
    key.revokedAt !== null
      ? `revoked ${key.revokedAt}`
      : isExpired(key, now)
        ? `expired ${key.expiresAt}`
        : until;
  return `${key.id}  ${key.role.padEnd(11)}  ${state.padEnd(32)}  ${key.person}`;
}

function read(args: string[]): Given | 'help' {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      state: { type: 'string' },
      role: { type: 'string' },
      person: { type: 'string' },
      days: { type: 'string', default: '90' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const [verb = '', id, ...more] = positionals;
  if (!['add', 'list', 'revoke'].includes(verb)) throw new TypeError('say add, list or revoke');
  const wanted = verb === 'revoke' ? 1 : 0;
  if (more.length > 0 || (id === undefined ? 0 : 1) !== wanted)
    throw new TypeError(wanted === 1 ? 'give one key id' : `${verb} takes no name`);
  const { state, role, person } = values;
  if (!state) throw new TypeError('give the state folder with --state');
  const days = Number(values.days);
  if (verb === 'add') {
    if (!ROLES.some((one) => one === role)) throw new TypeError(`--role is ${ROLES.join(', ')}`);
    if (
      !person ||
      !/^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,39}$/u.test(person) ||
      person !== person.trim()
    )
      throw new TypeError('--person is a name of letters and digits, at most 40');
    if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
      throw new TypeError(`--days is 1 to ${MOST_DAYS}`);
  }
  return { verb, id, state, role, person, days };
}
