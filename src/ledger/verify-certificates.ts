import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signedCertificateSchema } from './certificate-schema.js';
import type { LedgerEntry } from './entry.js';
import { sha256Hex } from './sha256.js';

/** What the chain says that bears on certificates. */
export interface ChainFacts {
  /** By run: SHA-256 of the file that was issued last. */
  readonly issued: Map<string, string>;
  /** By seq: hash of each line that settled a run. */
  readonly settled: Map<number, { readonly hash: string; readonly run: string | null }>;
}

export function collectChainFacts(): ChainFacts & { visit(entry: LedgerEntry): void } {
  const issued = new Map<string, string>();
  const settled = new Map<number, { hash: string; run: string | null }>();
  const visit = ({ type, run, seq, hash, body }: LedgerEntry) => {
    const digest = body['sha256'];
    if (type === 'certificate-issued' && run !== null && typeof digest === 'string') {
      issued.set(run, digest);
    }
    if (type === 'run-settled') settled.set(seq, { hash, run });
  };
  return { issued, settled, visit };
}

export interface FileFault {
  readonly file: string;
  readonly what: string;
}

/** Whether the line that a certificate hangs on is in the chain: the fault in words, or null. */
export function chainFault(
  certificate: {
    readonly run: { readonly id: string };
    readonly ledger: { readonly seq: number; readonly hash: string };
  },
  chain: ChainFacts,
): string | null {
  const { seq, hash } = certificate.ledger;
  const line = chain.settled.get(seq);
  if (!line) return `hangs on ledger entry ${seq}, which settles no run in this ledger`;
  if (line.hash !== hash) return `hangs on ledger entry ${seq} with another hash`;
  if (line.run !== certificate.run.id)
    return `hangs on ledger entry ${seq}, which is of another run`;
  return null;
}

/** Holds every certificate file of a state folder against the chain, and every issued certificate against the files. */
export async function verifyCertificateFiles(
  stateDir: string,
  chain: ChainFacts,
): Promise<{ readonly checked: number; readonly faults: readonly FileFault[] }> {
  const dir = join(stateDir, 'certificates');
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.json')).sort();
  const faults: FileFault[] = [];
  const seen = new Set<string>();
  for (const name of files) {
    const run = name.slice(0, -'.json'.length);
    seen.add(run);
    const what = fileFault(run, await readFile(join(dir, name)), chain);
    if (what) faults.push({ file: `certificates/${name}`, what });
  }
  for (const run of chain.issued.keys()) {
    if (seen.has(run)) continue;
    faults.push({
      file: `certificates/${run}.json`,
      what: 'was issued by the ledger and is missing',
    });
  }
  return { checked: files.length, faults };
}

function fileFault(run: string, bytes: Uint8Array, chain: ChainFacts): string | null {
  const issued = chain.issued.get(run);
  if (issued !== undefined && issued !== sha256Hex(bytes))
    return 'is not the file that the ledger issued';
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return 'is not JSON';
  }
  const signed = signedCertificateSchema.safeParse(value);
  if (!signed.success) return 'does not have the form of a certificate';
  if (signed.data.certificate.run.id !== run) return 'is of another run than its name says';
  return chainFault(signed.data.certificate, chain);
}
