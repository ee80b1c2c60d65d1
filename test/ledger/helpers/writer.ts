import { Ledger } from '../../../src/ledger/ledger.js';

// A process of its own that appends until it is killed, and says each number once it is on disk.
const [dir = ''] = process.argv.slice(2);
const ledger = await Ledger.open(dir, { clock: Date.now });
async function lane(first: number): Promise<void> {
  for (let number = first; ; number += 4) {
    const body = { number, filler: 'x'.repeat((number * 37) % 5000) };
    await ledger.append({ type: 'intent', run: 'run-1', port: 'P01', body });
    process.stdout.write(`${number}\n`);
  }
}
await Promise.all([lane(0), lane(1), lane(2), lane(3)]);
