/** One file system as `df -k` shows it, in KiB. `available` is what an ordinary user may still write. */
export interface DiskFree {
  readonly totalKb: number;
  readonly usedKb: number;
  readonly availableKb: number;
}

/** Reads the last line of `df -k <path>` that ends in numbers; a device name too long for its column breaks the line. */
export function parseDiskFree(text: string): DiskFree | null {
  const joined = text.slice(0, 16 * 1024).replace(/\n(?=\s)/g, ' ');
  for (const line of joined.split('\n').reverse()) {
    const numbers = /\s(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s+(?:\d{1,3}%|-)\s+\/\S*\s*$/.exec(
      ` ${line}`,
    );
    if (!numbers) continue;
    const [totalKb, usedKb, availableKb] = numbers.slice(1).map(Number);
    if (totalKb === undefined || usedKb === undefined || availableKb === undefined) return null;
    return totalKb === 0 || usedKb > totalKb || availableKb > totalKb
      ? null
      : { totalKb, usedKb, availableKb };
  }
  return null;
}

/** `MemTotal` of /proc/meminfo in bytes. */
export function parseMemTotal(text: string): number | null {
  const kb = /^MemTotal:\s+(\d{1,12}) kB/m.exec(text.slice(0, 8192))?.[1];
  return kb === undefined ? null : Number(kb) * 1024;
}

/** Raw size of the storage chip in bytes: the largest whole disk of /proc/partitions, counted there in KiB. */
export function parseLargestDisk(text: string): number | null {
  const sizes = [
    ...text
      .slice(0, 64 * 1024)
      .matchAll(/^[ \t]*\d+\s+\d+\s+(\d{1,15})\s+(?:sd[a-z]|mmcblk\d|nvme\dn\d|vd[a-z])\s*$/gm),
  ].map(([, kb]) => Number(kb) * 1024);
  return sizes.length === 0 ? null : Math.max(...sizes);
}
