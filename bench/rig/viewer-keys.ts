import { SarachiError } from '../../src/errors.js';
import { makeKey } from '../../src/http/access/api-key.js';
import { changeKeyFile, KeyStore, keyFileOf } from '../../src/http/access/key-store.js';

export interface ViewerKeys {
  readonly store: KeyStore;
  /** What each panel presents. */
  readonly texts: readonly string[];
}

/** As many keys for panels in a state folder, as `sarachi keys add` makes them. */
export async function viewerKeys(state: string, count: number): Promise<ViewerKeys> {
  const now = Date.now();
  const made = Array.from({ length: count }, (_, n) =>
    makeKey({ role: 'viewer', person: `panel ${n + 1}`, days: 1 }, now),
  );
  const file = keyFileOf(state);
  await changeKeyFile(file, () => made.map(({ record }) => record));
  const store = new KeyStore({
    ...{ file, clock: Date.now, onRead: () => undefined },
    onFault: (cause) => {
      throw new SarachiError('internal', { tag: 'bench-keys' }, { cause });
    },
  });
  await store.look();
  return { store, texts: made.map(({ text }) => text) };
}
