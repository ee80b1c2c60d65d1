import { normaliseImei } from '../../imei.js';
import type { Carrier } from '../marks.js';

export const DAY_MS = 24 * 60 * 60 * 1000;

/** How often the carriers are asked again. */
export interface WatchSchedule {
  /** By the days since the verdict, `untilDays` growing; the last row holds until `stopAfterDays`. */
  readonly rows: readonly { readonly untilDays: number; readonly everyDays: number }[];
  readonly stopAfterDays: number;
  /** How long a carrier that gave no mark is left alone about that IMEI, in ms. */
  readonly retryMs: number;
}

/** One IMEI that left the rack, and what is known about it. Times are ISO. */
export interface StockItem {
  readonly imei: string;
  readonly run: string;
  readonly settledAt: string;
  /** By carrier: the mark that counts with the time of its check, and when the carrier was asked last, whatever it said. */
  readonly known: readonly {
    readonly carrier: string;
    readonly mark: string | null;
    readonly checkedAt: string | null;
    readonly triedAt: string;
  }[];
}

/** How many questions each carrier may be asked now; a carrier that is not in it is not asked. */
export type Quotas = ReadonlyMap<Carrier, number>;

export interface DueCheck {
  readonly carrier: Carrier;
  readonly imei: string;
  readonly run: string;
  /** Since when it has been due, in ms since the epoch. */
  readonly dueAt: number;
}

export interface DueChecks {
  /** What to ask now, the longest due first. */
  readonly checks: readonly DueCheck[];
  /** How many more are due than may be asked. */
  readonly left: number;
}

export interface Stocktaking {
  readonly stock: readonly StockItem[];
  readonly schedule: WatchSchedule;
  /** Ms since the epoch. */
  readonly now: number;
  readonly quotas: Quotas;
}

/** What has to be asked again now. It follows from what was answered, so a look that was missed leaves nothing out and nothing behind. */
export function dueChecks({ stock, schedule, now, quotas }: Stocktaking): DueChecks {
  const due = stock.filter(isTraded).flatMap((item) =>
    [...quotas.keys()].flatMap((carrier): DueCheck[] => {
      const dueAt = dueAtOf(item, carrier, schedule);
      if (dueAt === null || dueAt > now || isTooOld(item, schedule, now)) return [];
      return [{ carrier, imei: item.imei, run: item.run, dueAt }];
    }),
  );
  return withinQuotas({ checks: due, left: 0 }, quotas);
}

/** Two stocktakings as one. */
export function together(a: DueChecks, b: DueChecks, quotas: Quotas): DueChecks {
  return withinQuotas({ checks: [...a.checks, ...b.checks], left: a.left + b.left }, quotas);
}

function withinQuotas({ checks, left }: DueChecks, quotas: Quotas): DueChecks {
  const asked = new Map<Carrier, number>();
  const kept = [...checks]
    .sort((a, b) => a.dueAt - b.dueAt || a.imei.localeCompare(b.imei))
    .filter(({ carrier }) => {
      const before = asked.get(carrier) ?? 0;
      asked.set(carrier, before + 1);
      return before < (quotas.get(carrier) ?? 0);
    });
  return { checks: kept, left: left + checks.length - kept.length };
}

/** Since when a carrier is to be asked about a handset; null where it never is: a cross is final. */
function dueAtOf(item: StockItem, carrier: Carrier, schedule: WatchSchedule): number | null {
  const known = item.known.find((one) => one.carrier === carrier);
  if (known?.mark === 'cross') return null;
  const settledAt = Date.parse(item.settledAt);
  const checkedAt = known?.checkedAt ? Date.parse(known.checkedAt) : null;
  const age = Math.max(0, (checkedAt ?? settledAt) - settledAt);
  const next = checkedAt === null ? settledAt : checkedAt + everyMs(schedule, age);
  const triedAt = known ? Date.parse(known.triedAt) : 0;
  const inVain = known !== undefined && triedAt > (checkedAt ?? 0);
  return inVain ? Math.max(next, triedAt + schedule.retryMs) : next;
}

function everyMs({ rows }: WatchSchedule, age: number): number {
  const row = rows.find(({ untilDays }) => age < untilDays * DAY_MS) ?? rows.at(-1);
  return (row?.everyDays ?? 1) * DAY_MS;
}

function isTooOld(item: StockItem, { stopAfterDays }: WatchSchedule, now: number): boolean {
  return now - Date.parse(item.settledAt) > stopAfterDays * DAY_MS;
}

/** Numbers that no handset in trade carries are nobody's business to ask about. */
function isTraded({ imei }: StockItem): boolean {
  const said = normaliseImei(imei, 'typed');
  return said.kind === 'imei' && said.imei === imei;
}
