import { type ChildProcess, spawn } from 'node:child_process';
import type { ExternalToolConfig } from '../../../config-felica.js';
import { SarachiError } from '../../../errors.js';
import { abortError } from '../../../wait.js';
import type { ClearAnswer, ClearingHelp, ClearingMethod, ClearJob } from './clearing-method.js';
import { fillArguments } from './fill-arguments.js';
import { answerOf, lineOf, MOST_BYTES, parseSaid } from './said.js';

/** How long a tool that was told to end may take. */
const END_MS = 5_000;

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly complaints: string;
  readonly tooMuch: boolean;
  readonly late: boolean;
}

/**
 * A licensed tool on this host: one process for one clear, started with arguments and never by a shell, without
 * anything of our own environment but the way to programs and the language.
 */
export class ExternalTool implements ClearingMethod {
  readonly id = 'external-tool';
  readonly #config: ExternalToolConfig;

  constructor(config: ExternalToolConfig) {
    this.#config = config;
  }

  async clear(job: ClearJob, { signal }: ClearingHelp): Promise<ClearAnswer> {
    if (signal.aborted) throw abortError(signal);
    const ended = await this.#run(fillArguments(this.#config.arguments, job), signal);
    if (signal.aborted) throw abortError(signal);
    return this.#answer(ended, job);
  }

  #answer(ended: Ended, { job }: ClearJob): ClearAnswer {
    const { code, output, complaints, tooMuch, late } = ended;
    const said = lineOf(complaints) ?? lineOf(output);
    // Nobody knows how far it had come.
    if (late) return { outcome: 'interrupted', nativeCode: 'timeout', said };
    if (code === null) return { outcome: 'interrupted', nativeCode: 'killed', said };
    const nativeCode = `exit ${code}`;
    if (this.#config.answer === 'exit-code') {
      return { outcome: this.#config.exitCodes[String(code)] ?? 'failed', nativeCode, said };
    }
    const answer = tooMuch ? null : parseSaid(output);
    if (!answer) return { outcome: 'failed', nativeCode, said };
    const another = answer.job !== undefined && answer.job !== job;
    const claims = answer.outcome === 'cleared' || answer.outcome === 'already-clear';
    return another || (claims && code !== 0)
      ? { outcome: 'failed', nativeCode, said }
      : answerOf(answer);
  }

  async #run(args: readonly string[], signal: AbortSignal): Promise<Ended> {
    const { command, timeoutSeconds } = this.#config;
    const { PATH = '', LANG = 'C.UTF-8' } = process.env;
    // A group of its own, so that whatever it starts ends with it.
    const child = spawn(command, args, {
      shell: false,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, LANG },
    });
    const output = collect(child.stdout);
    const complaints = collect(child.stderr);
    let late = false;
    let killer: NodeJS.Timeout | undefined;
    const end = () => {
      killGroup(child, 'SIGTERM');
      killer ??= setTimeout(() => killGroup(child, 'SIGKILL'), END_MS);
    };
    const timer = setTimeout(() => {
      late = true;
      end();
    }, timeoutSeconds * 1000);
    signal.addEventListener('abort', end, { once: true });
    try {
      const code = await exitOf(child, command);
      return {
        code,
        output: output.text(),
        complaints: complaints.text(),
        tooMuch: output.tooMuch(),
        late,
      };
    } finally {
      clearTimeout(timer);
      clearTimeout(killer);
      signal.removeEventListener('abort', end);
      // What it left running in its group must not touch the chip any more.
      killGroup(child, 'SIGKILL');
    }
  }
}

/** Its exit code; null when a signal ended it. Its output may be held open by others: the process counts. */
function exitOf(child: ChildProcess, command: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
      reject(new SarachiError('felica-tool-unusable', { command, reason }, { cause }));
    });
    child.once('exit', (code) => {
      const settle = () => resolve(code);
      if (child.stdout?.readableEnded && child.stderr?.readableEnded) return settle();
      // What it wrote is read to its end, unless a left-over child keeps the pipe.
      const patience = setTimeout(settle, 500);
      child.once('close', () => {
        clearTimeout(patience);
        settle();
      });
    });
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function collect(stream: NodeJS.ReadableStream): { text(): string; tooMuch(): boolean } {
  const pieces: Buffer[] = [];
  let length = 0;
  // All of it is taken, so that the tool never waits for us; only the beginning is kept.
  stream.on('data', (piece: Buffer) => {
    if (length < MOST_BYTES) pieces.push(piece.subarray(0, MOST_BYTES - length));
    length += piece.length;
  });
  return {
    text: () => Buffer.concat(pieces).toString('utf8'),
    tooMuch: () => length > MOST_BYTES,
  };
}
