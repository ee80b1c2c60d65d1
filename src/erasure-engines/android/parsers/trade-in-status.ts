import { z } from 'zod';
import { isImei } from '../../../imei.js';
import { cleanField, cleanSerial } from '../../../text.js';

const field = z
  .string()
  .transform((raw) => cleanField(raw))
  .nullable()
  .catch(null);

const schema = z.object({
  battery: z
    .object({ cycle_count: z.int().min(0).max(100_000).nullable().catch(null) })
    .nullable()
    .catch(null),
  storage: z
    .object({
      capacity_bytes: z.coerce
        .number()
        .int()
        .positive()
        .max(Number.MAX_SAFE_INTEGER)
        .nullable()
        .catch(null),
    })
    .nullable()
    .catch(null),
  launch_level: z.int().min(1).max(1000).nullable().catch(null),
  locks: z
    .object({ factory_reset_protection: z.boolean().nullable().catch(null) })
    .nullable()
    .catch(null),
  product: z
    .object({ brand: field, device: field, manufacturer: field, model: field })
    .nullable()
    .catch(null),
  imeis: z.array(z.string()).max(8).catch([]),
  serial: z.string().transform(cleanSerial).nullable().catch(null),
});

/** What a handset says of itself in trade-in mode, where it accepts nothing else. */
export interface TradeInStatus {
  readonly serial: string | null;
  readonly imeis: readonly string[];
  /** Null: not said, which is never taken for unlocked. */
  readonly frpLocked: boolean | null;
  readonly manufacturer: string | null;
  readonly brand: string | null;
  readonly model: string | null;
  readonly device: string | null;
  readonly storageBytes: number | null;
  readonly batteryCycles: number | null;
}

/**
 * Reads the JSON of `tradeinmode getstatus` (AOSP packages/modules/adb docs/dev/adb_tradeinmode.md). Fields that do
 * not fit are null; text that is no such object at all is null as a whole.
 */
export function parseTradeInStatus(text: string): TradeInStatus | null {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end < start || text.length > 64 * 1024) return null;
  const parsed = schema.safeParse(parseJson(text.slice(start, end + 1)));
  if (!parsed.success) return null;
  const { battery, storage, locks, product, imeis, serial } = parsed.data;
  if (serial === null && imeis.length === 0 && locks === null) return null;
  return {
    serial,
    imeis: [...new Set(imeis.filter(isImei))],
    frpLocked: locks?.factory_reset_protection ?? null,
    manufacturer: product?.manufacturer ?? null,
    brand: product?.brand ?? null,
    model: product?.model ?? null,
    device: product?.device ?? null,
    storageBytes: storage?.capacity_bytes ?? null,
    batteryCycles: battery?.cycle_count ?? null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is an answer like any other here: the caller sees null.
    return null;
  }
}
