import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { collectChainFacts, verifyCertificateFiles } from '../ledger/verify-certificates.js';
import { verifyLedger } from '../ledger/verify-ledger.js';
import type { CommandIo } from './verify.js';

const HELP = `Usage: sarachi ledger verify --state DIR

Checks the hash chain of DIR/ledger line by line, and every certificate in DIR/certificates against the entry that
issued it and the entry it hangs on. A ledger whose end was cut off still holds together: compare the head that is
printed with a copy kept elsewhere.

Exit code: 0 it holds, 1 it does not hold, 2 the command cannot be carried out.
`;

/** `sarachi ledger verify`; `args` are those after `verify`. Resolves with the exit code: 0, 1 or 2. */
export async function ledgerVerifyCommand(args: string[], io: CommandIo): Promise<number> {
  try {
    const options = { state: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
    const { values } = parseArgs({ args, options });
    if (values.help) {
      io.stdout.write(HELP);
      return 0;
    }
    if (values.state === undefined) throw new TypeError('give the state folder with --state');
    return await check(values.state, io);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    io.stderr.write(`sarachi ledger verify: ${reason}\n\n${HELP}`);
    return 2;
  }
}

async function check(state: string, io: CommandIo): Promise<number> {
  const chain = collectChainFacts();
  const ledger = await verifyLedger(join(state, 'ledger'), chain.visit);
  const certificates = await verifyCertificateFiles(state, chain);
  const faults = [
    ...ledger.faults.map(({ segment, line, what }) => `ledger/${segment} line ${line}: ${what}`),
    ...certificates.faults.map(({ file, what }) => `${file}: ${what}`),
  ];
  io.stdout.write(
    `${faults.length === 0 ? 'HOLDS' : 'DOES NOT HOLD'}: ${ledger.entries} entries, ` +
      `${certificates.checked} certificates\n  head ${ledger.head.seq} ${ledger.head.hash}\n`,
  );
  for (const fault of faults) io.stdout.write(`  ${fault}\n`);
  return faults.length === 0 ? 0 : 1;
}
