import type { Faults } from './faults.js';
import { type Answer, type Effect, refuse } from './framework/command.js';
import { frameworkCommand } from './framework/index.js';
import type { SystemState } from './system-state.js';

interface FrameworkParts {
  readonly faults: Faults;
  state(): SystemState;
  perform(effect: Effect): Promise<void>;
  /** The hashing commands are about to read: folder they run in, then their arguments. */
  beforeHash(words: readonly string[]): Promise<void>;
}

/** Answers one command of the running system and carries out what it does before the answer goes out. */
export async function answerCommand(
  parts: FrameworkParts,
  words: readonly string[],
): Promise<Answer> {
  const [name = '', ...args] = words;
  if (name === 'hash-hook') {
    await parts.beforeHash(args);
    return refuse(0);
  }
  const line = words.join(' ');
  const odd = parts.faults.answers.find((one) => one.command.test(line));
  if (odd) {
    const { exit = 0, stdout = '', stderr = [] } = odd;
    return { exit, stdout, stderr, effects: [] };
  }
  const answer = frameworkCommand(name)?.(parts.state(), args) ?? refuse(127, `${name}: not found`);
  for (const effect of answer.effects) await parts.perform(effect);
  return answer;
}
