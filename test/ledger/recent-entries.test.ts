import { join } from 'node:path';
import t from 'tap';
import { Ledger } from '../../src/ledger/ledger.js';
import { LedgerIndex } from '../../src/ledger/ledger-index.js';
import { freshFolder, START } from './helpers/ledgers.js';

t.test('recent entries come in order, from a seq and a time on', async (t) => {
  const dir = await freshFolder(t);
  let now = START;
  const ledger = await Ledger.open(join(dir, 'ledger'), { clock: () => (now += 1000) });
  t.teardown(() => ledger.close());
  const at: string[] = [];
  for (let n = 0; n < 12; n += 1) {
    const body = { action: 'hold', by: `person-${n}`, statement: {} };
    at.push((await ledger.append({ type: 'operator-acted', run: null, port: 'P01', body })).at);
  }
  const index = await LedgerIndex.open(join(dir, 'index.sqlite'), ledger);
  t.teardown(async () => index.close());
  const seqs = (...of: Parameters<LedgerIndex['recent']>) =>
    index.recent(...of).map(({ seq }) => seq);
  t.strictSame(seqs(0, ''), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  t.strictSame(seqs(9, ''), [10, 11, 12]);
  t.strictSame(seqs(0, at[10] ?? ''), [11, 12], 'of that very time too');
  t.strictSame(seqs(0, '', 2), [11, 12], 'the newest where there are more');
  t.strictSame(seqs(12, ''), []);
  t.match(index.recent(11, ''), [{ seq: 12, body: { by: 'person-11' } }], 'whole');
});
