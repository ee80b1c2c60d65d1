import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Access } from '../../src/http/access/admission.js';
import { makeKey } from '../../src/http/access/api-key.js';
import { changeKeyFile, KeyStore, keyFileOf } from '../../src/http/access/key-store.js';
import { ROLES, type Role } from '../../src/http/access/roles.js';
import type { Clock } from '../../src/wait.js';

interface Test {
  teardown(fn: () => Promise<unknown>): void;
}

export interface Keyed {
  readonly access: Access;
  readonly state: string;
  readonly faults: unknown[];
  /** A good key of each role, an expired and a revoked one. */
  readonly keys: Readonly<Record<Role | 'expired key' | 'revoked key', string>>;
  readonly idOf: (text: string) => string;
}

const PLENTY = { perSecond: 10_000, burst: 10_000 };
const DAY_MS = 86_400_000;

/** A state folder with keys of every kind, and the access that is drawn from it. */
export async function keyed(
  t: Test,
  change: Partial<Access> = {},
  clock: Clock = Date.now,
): Promise<Keyed> {
  const state = await mkdtemp(path.join(tmpdir(), 'sarachi-keys-'));
  t.teardown(() => rm(state, { recursive: true, force: true }));
  const now = clock();
  const made = ROLES.map((role) => ({ role, ...makeKey({ role, person: role, days: 1 }, now) }));
  const expired = makeKey({ role: 'admin', person: 'late', days: 1 }, now - 2 * DAY_MS);
  const revoked = makeKey({ role: 'admin', person: 'gone', days: 1 }, now);
  const revokedAt = new Date(now).toISOString();
  await changeKeyFile(keyFileOf(state), () => [
    ...made.map(({ record }) => record),
    expired.record,
    { ...revoked.record, revokedAt },
  ]);
  const faults: unknown[] = [];
  const keys = new KeyStore({
    file: keyFileOf(state),
    clock,
    onRead: () => undefined,
    onFault: (error) => faults.push(error),
  });
  const texts = Object.fromEntries(made.map(({ role, text }) => [role, text]));
  return {
    access: { required: true, keys, rate: PLENTY, refused: PLENTY, clock, ...change },
    state,
    faults,
    keys: {
      ...(texts as Record<Role, string>),
      'expired key': expired.text,
      'revoked key': revoked.text,
    },
    idOf: (text) => text.split('_')[1] ?? '',
  };
}
