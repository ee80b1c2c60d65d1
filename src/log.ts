import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { safeLine } from './log-line.js';
import { mask } from './text.js';

export type Log = Logger;

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields that would name a handset or its owner; they are masked wherever they stand in a line. */
const MASKED = new Set(['imei', 'imeis', 'serial', 'handset', 'iccid', 'apiKey', 'authorization']);

function maskDeep(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return MASKED.has(key) ? maskKey(value) : value;
  if (Array.isArray(value)) return value.map((item) => maskDeep(item, key));
  if (value instanceof Error || value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, maskDeep(item, name)]),
  );
}

function maskKey(value: string): string {
  const colon = value.indexOf(':');
  return colon < 0 ? mask(value) : `${value.slice(0, colon + 1)}${mask(value.slice(colon + 1))}`;
}

/** Other people's errors carry what was sent, a password among it: only what an error says about itself is shown. */
function errorFacts(error: unknown): unknown {
  if (!(error instanceof Error)) return maskDeep(error);
  const { type, message, stack } = pino.stdSerializers.err(error);
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const detail = 'detail' in error ? { detail: maskDeep(error.detail) } : {};
  return { type, ...code, message, stack, ...detail };
}

/**
 * One JSON line per fact, on stdout unless told otherwise. Serials and IMEIs are masked, no line steers a terminal or is longer
 * than 64 Ki characters. Setting the `level` of the log that
 * is returned counts at once for all its children, however long ago they were made.
 */
export function createLog(level: string, destination?: DestinationStream): Log {
  const values: Readonly<Record<string, number>> = pino.levels.values;
  let threshold = values[level] ?? 0;
  const options: LoggerOptions = {
    level,
    hooks: {
      logMethod(line, method, value) {
        if (value >= threshold) method.apply(this, line);
      },
      streamWrite: safeLine,
    },
    // A child copies the level that its parent has at that moment: let through, and weighed where the line is made.
    onChild: (child: Log) => {
      child.level = 'trace';
    },
    base: null,
    serializers: { err: errorFacts },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (line: Record<string, unknown>) => maskDeep(line) as Record<string, unknown>,
    },
  };
  const log = destination ? pino(options, destination) : pino(options);
  // Children tell of theirs too: only the level of this one counts.
  log.on('level-change', () => {
    threshold = values[log.level] ?? 0;
  });
  return log;
}
