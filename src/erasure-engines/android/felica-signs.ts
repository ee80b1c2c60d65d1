export interface FelicaSources {
  readonly packages: readonly string[];
  readonly features: ReadonlySet<string>;
  /** Existing ones of the files that only handsets with Osaifu-Keitai carry; null when that was not looked at. */
  readonly files: string | null;
}

/**
 * Signs of a FeliCa chip in use on a handset. The feature android.hardware.nfc.hcef is no sign: handsets without
 * Osaifu-Keitai have it too. An empty package list is no look at all, since every system lists some.
 */
export function felicaSigns({ packages, features, files }: FelicaSources): {
  found: readonly string[];
  looked: readonly string[];
} {
  const software = packages.filter((name) => name.startsWith('com.felicanetworks.')).slice(0, 16);
  const paths = (files ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^\/[\w./-]{1,100}$/.test(line) && line.includes('felica'));
  const named = [...features].filter((name) => name.includes('felica')).slice(0, 16);
  const looked =
    packages.length === 0
      ? []
      : [
          'packages',
          ...(features.size > 0 ? ['features'] : []),
          ...(files === null ? [] : ['system files']),
        ];
  return { found: [...software, ...named, ...paths.slice(0, 16)], looked };
}
