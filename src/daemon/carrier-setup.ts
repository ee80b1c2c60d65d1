import type { CarrierSource } from '../carrier-check/answer.js';
import type { CarrierPace } from '../carrier-check/broker/pace.js';
import { type CarrierRules, loadCarrierRules } from '../carrier-check/carriers/rules.js';
import type { Way } from '../carrier-check/check-parts.js';
import type { Carrier } from '../carrier-check/marks.js';
import {
  loadRestrictionPolicy,
  type RestrictionPolicy,
} from '../carrier-check/restriction-policy.js';
import { apiSource } from '../carrier-check/web/api-source.js';
import type { SourceDeps } from '../carrier-check/web/settle.js';
import { webSource } from '../carrier-check/web/web-source.js';
import { type Config, ConfigError } from '../config.js';
import type { PerCarrier } from '../config-carrier-check.js';
import { canonicalJson } from '../ledger/canonical-json.js';
import { sha256Hex } from '../ledger/sha256.js';

/** What the configuration and its two files say of the carrier check. */
export interface CarrierSetup {
  readonly ways: ReadonlyMap<Carrier, Way>;
  /** The carriers that are asked by machine. */
  readonly lines: readonly { readonly source: CarrierSource; readonly pace: CarrierPace }[];
  readonly policy: RestrictionPolicy;
  readonly policySha256: string;
  readonly waitMs: number;
}

/**
 * Reads it all, before anything is started. Throws ConfigError, also where a carrier is to be asked whose source is not
 * described, not switched on or not answered for.
 */
export function readCarrierSetup(
  { carrierCheck }: Config,
  env: NodeJS.ProcessEnv,
  deps: SourceDeps,
): CarrierSetup {
  const { source, carriers, file, policyFile, perCarrier, waitSeconds } = carrierCheck;
  const policy = namingFile(policyFile, () => loadRestrictionPolicy(policyFile));
  const ways = new Map<Carrier, Way>();
  for (const carrier of source === 'off' ? [] : carriers) {
    const way = source === 'manual' ? PERSON : wayOf(perCarrier[carrier]);
    if (way) ways.set(carrier, way);
  }
  const asked = [...ways].flatMap(([carrier, way]) => (way.by === 'ask' ? [carrier] : []));
  const lines = namingFile(file, () => {
    if (asked.length === 0) return [];
    const rules = loadCarrierRules(file);
    return asked.map((carrier) => ({
      source: sourceOf(carrier, perCarrier[carrier], { rules, env, deps }),
      pace: paceOf(perCarrier[carrier]),
    }));
  });
  const policySha256 = sha256Hex(canonicalJson(policy));
  return { ways, lines, policy, policySha256, waitMs: waitSeconds * 1000 };
}

const PERSON: Way = { by: 'person' };

function wayOf({ source, keepHours }: PerCarrier): Way | null {
  switch (source) {
    case 'off':
      return null;
    case 'manual':
      return PERSON;
    case 'csv':
      return { by: 'csv' };
    case 'web':
    case 'api':
      return { by: 'ask', source, maxAgeMs: keepHours * 3_600_000 };
  }
}

interface Making {
  readonly rules: CarrierRules;
  readonly env: NodeJS.ProcessEnv;
  readonly deps: SourceDeps;
}

function sourceOf(carrier: Carrier, { source }: PerCarrier, making: Making): CarrierSource {
  const { rules, env, deps } = making;
  return source === 'api' ? apiSource(carrier, rules, env, deps) : webSource(carrier, rules, deps);
}

/** The pace in the units of the broker. */
function paceOf(said: PerCarrier): CarrierPace {
  const ms = (seconds: number) => Math.max(1, Math.round(seconds * 1000));
  return {
    spacingMs: ms(said.spacingSeconds),
    jitterMs: Math.round(said.jitterSeconds * 1000),
    perDay: said.perDay,
    requestMs: ms(said.requestSeconds),
    ttlMs: Math.round(said.keepHours * 3_600_000),
    troubleTtlMs: ms(said.troubleKeepSeconds),
    breaker: {
      failures: said.breakerFailures,
      coolDownMs: ms(said.breakerSeconds),
      longestCoolDownMs: ms(Math.max(said.breakerSeconds, said.breakerLongestSeconds)),
    },
    canary: { imeis: said.canaries, every: said.canaryEvery },
  };
}

/** Faults say in which file they are. */
function namingFile<T>(file: string | null, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError) || file === null) throw error;
    const faults = error.faults.map(({ path, message }) =>
      path === file ? { path, message } : { path: `${file}: ${path}`, message },
    );
    throw new ConfigError(faults, { cause: error });
  }
}
