/** Longest property value that is kept, in UTF-16 units. */
const MAX_VALUE = 512;
const MAX_PROPERTIES = 4000;

export type Properties = ReadonlyMap<string, string>;

/**
 * Reads `getprop` output, `[key]: [value]` per line. A value may run over several lines; whatever else does not fit
 * is passed over.
 */
export function parseProperties(text: string): Properties {
  const properties = new Map<string, string>();
  const pattern = /^\[([\w.:@/+-]{1,128})\]: \[([\s\S]{0,2048}?)\]\r?$/gm;
  for (const [, key, value] of text.slice(0, 512 * 1024).matchAll(pattern)) {
    if (key === undefined || value === undefined || properties.has(key)) continue;
    properties.set(key, value.slice(0, MAX_VALUE));
    if (properties.size >= MAX_PROPERTIES) break;
  }
  return properties;
}

/** The first non-empty value among several names of the same thing. */
export function firstOf(properties: Properties, ...names: string[]): string | null {
  for (const name of names) {
    const value = properties.get(name)?.trim();
    if (value) return value;
  }
  return null;
}
