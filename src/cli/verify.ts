import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Certificate } from '../ledger/certificate-schema.js';
import { type CertificateFault, verifyCertificate } from '../ledger/verify-certificate.js';
import { chainFault, collectChainFacts } from '../ledger/verify-certificates.js';
import { verifyLedger } from '../ledger/verify-ledger.js';

/** Where a command writes; `process` fits. */
export interface CommandIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

const HELP = `Usage: sarachi verify CERTIFICATE.json --key PUBLIC.pem [--state DIR]

Checks a certificate without a network: its form, the digest of each section, the Ed25519 signature, and whether it
agrees with itself. Names each field that fails, with its byte range in the file.

  --key FILE    public key of the rack that signed (keys/certificate.public.pem in its state folder)
  --state DIR   also look for the certificate's line in the ledger of this state folder
  --help        this text

Exit code: 0 it holds, 1 it does not hold, 2 the command cannot be carried out.
`;

/** `sarachi verify`. Resolves with the exit code: 0 holds, 1 does not hold, 2 wrong usage. */
export async function verifyCommand(args: string[], io: CommandIo): Promise<number> {
  let given: Given;
  try {
    const read = await readArguments(args);
    if (read === 'help') {
      io.stdout.write(HELP);
      return 0;
    }
    given = read;
  } catch (error) {
    io.stderr.write(
      `sarachi verify: ${error instanceof Error ? error.message : String(error)}\n\n${HELP}`,
    );
    return 2;
  }
  const { faults, signed } = verifyCertificate(given.file, given.key);
  const chained = signed && given.state ? await chainFaults(signed.certificate, given.state) : [];
  const all = [...faults, ...chained];
  if (all.length > 0 || !signed) {
    io.stdout.write(`DOES NOT HOLD: ${given.name}\n${all.map(faultLine).join('')}`);
    return 1;
  }
  io.stdout.write(`HOLDS: ${given.name}\n${summary(signed.certificate, signed.signature.keyId)}`);
  if (given.state)
    io.stdout.write(`  ledger        entry ${signed.certificate.ledger.seq} is in the chain\n`);
  return 0;
}

interface Given {
  readonly name: string;
  readonly file: Uint8Array;
  readonly key: KeyObject;
  readonly state: string | null;
}

async function readArguments(args: string[]): Promise<Given | 'help'> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      state: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const [name] = positionals;
  if (name === undefined || positionals.length > 1)
    throw new TypeError('give one certificate file');
  if (values.key === undefined) throw new TypeError('give the public key with --key');
  const key = createPublicKey(await readFile(values.key));
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('the key is not an Ed25519 key');
  return { name, file: await readFile(name), key, state: values.state ?? null };
}

async function chainFaults(certificate: Certificate, state: string): Promise<CertificateFault[]> {
  const chain = collectChainFacts();
  const place = { field: '/certificate/ledger', bytes: null };
  try {
    const report = await verifyLedger(join(state, 'ledger'), chain.visit);
    const damage = report.faults.map(({ segment, line, what }) => ({
      ...place,
      what: `cannot be relied on: ledger ${segment} line ${line} ${what}`,
    }));
    const fault = chainFault(certificate, chain);
    return fault ? [{ ...place, what: fault }, ...damage] : damage;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ ...place, what: `cannot be looked up: ${reason}` }];
  }
}

function faultLine({ field, what, bytes }: CertificateFault): string {
  const name =
    field === ''
      ? 'the file'
      : field
          .replace(/^\/certificate\//, '')
          .slice(0, 300)
          .replaceAll('/', '.')
          .replace(/^\./, '');
  const where = bytes ? ` (bytes ${bytes.start} to ${bytes.end - 1})` : '';
  return `  ${printable(name)}${where}: ${printable(what)}\n`;
}

function summary({ run, verdict, device, ledger }: Certificate, keyId: string): string {
  const rows = [
    ['run', `${run.id}, rack ${run.rack}, port ${run.port}`],
    [
      'verdict',
      verdict === 'passed'
        ? 'passed'
        : `${verdict}: this is the record of an erasure that did NOT pass`,
    ],
    ['handset', `${device.manufacturer ?? '?'} ${device.model ?? '?'}`],
    ['serial', device.serial ?? 'not known'],
    [
      'IMEI',
      [device.imei1, device.imei2].filter((imei) => imei !== null).join(', ') || 'not known',
    ],
    ['settled', run.settledAt],
    ['ledger entry', `${ledger.seq} ${ledger.hash}`],
    ['signed by', keyId],
  ];
  return rows
    .map(([name = '', value = '']) => `  ${name.padEnd(13)} ${printable(value)}\n`)
    .join('');
}

/** A certificate may come from anybody: nothing in it may drive the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
