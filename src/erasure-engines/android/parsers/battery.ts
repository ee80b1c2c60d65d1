export interface Battery {
  /** 0 to 100. */
  readonly percent: number | null;
  readonly powered: boolean | null;
  readonly celsius: number | null;
}

/**
 * Reads `dumpsys battery`. Stops at the first blank line or `[`: some makers append logs in which old values of the
 * same names come again. Temperature is given in tenths of a degree (AOSP android.os.BatteryManager).
 */
export function parseBattery(text: string): Battery {
  const body =
    text
      .slice(0, 16 * 1024)
      .trimStart()
      .split(/\n[ \t\r]*\n|\n[ \t]*\[/, 1)[0] ?? '';
  const level = numberOf(body, 'level');
  const scale = numberOf(body, 'scale') ?? 100;
  const tenths = numberOf(body, 'temperature');
  const percent = level === null || scale <= 0 ? null : Math.round((level * 100) / scale);
  return {
    percent: percent !== null && percent >= 0 && percent <= 100 ? percent : null,
    powered: poweredOf(body),
    celsius: tenths !== null && tenths > -500 && tenths < 1500 ? tenths / 10 : null,
  };
}

function numberOf(body: string, name: string): number | null {
  const found = new RegExp(`^[ \\t]*${name}: (-?\\d{1,9})\\s*$`, 'm').exec(body)?.[1];
  return found === undefined ? null : Number(found);
}

function poweredOf(body: string): boolean | null {
  const lines = [...body.matchAll(/^[ \t]*(?:AC|USB|Wireless|Dock) powered: (true|false)\s*$/gm)];
  return lines.length === 0 ? null : lines.some(([, value]) => value === 'true');
}
