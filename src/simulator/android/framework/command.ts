import type { ResetBy, Screen, SystemState } from '../system-state.js';

/** What a framework command does to the handset beside answering. */
export type Effect =
  | { readonly type: 'reset'; readonly by: ResetBy }
  | { readonly type: 'reboot'; readonly target: string }
  | { readonly type: 'evaluate' }
  | {
      readonly type: 'setting';
      readonly table: 'global' | 'secure' | 'system';
      readonly name: string;
      readonly value: string | null;
    }
  | { readonly type: 'screen'; readonly screen: Screen }
  | { readonly type: 'uninstall'; readonly name: string }
  | { readonly type: 'clear-lock' }
  | { readonly type: 'write-file'; readonly path: string; readonly text: string };

export interface Answer {
  readonly exit: number;
  readonly stdout: string | Uint8Array;
  readonly stderr: readonly string[];
  readonly effects: readonly Effect[];
}

/** One Android command: what the system knows and the arguments (without the command's own name) in, the answer out. */
export type FrameworkCommand = (state: SystemState, args: readonly string[]) => Answer;

/** Success with these lines on stdout. */
export function say(lines: readonly string[] | string, effects: readonly Effect[] = []): Answer {
  const text = typeof lines === 'string' ? lines : lines.map((line) => `${line}\n`).join('');
  return { exit: 0, stdout: text, stderr: [], effects };
}

/** Failure with these lines on stderr. */
export function refuse(exit: number, ...stderr: string[]): Answer {
  return { exit, stdout: '', stderr, effects: [] };
}

/** The value after an option such as `-a`. */
export function optionValue(args: readonly string[], option: string): string | null {
  const at = args.indexOf(option);
  return at < 0 ? null : (args[at + 1] ?? null);
}
