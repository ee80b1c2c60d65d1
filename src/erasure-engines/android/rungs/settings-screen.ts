import { shellQuote } from '../../../text.js';
import { sleep } from '../../../wait.js';
import { parseScreen, type ScreenNode } from '../parsers/screen.js';
import { RESET_ACTIONS, type ScreenRecipe } from '../reset-screens.js';
import { buttonTexts, readScreen, recipeFor } from '../screen-match.js';
import { commandWait, runWord, type Visit } from '../visit.js';
import { askShell } from './ask-shell.js';
import type { Answer, Rung } from './rung.js';

/** Looks at one screen before it counts as unknown: animations and slow handsets show it late. */
const LOOKS = 5;
const MAX_SCREENS = 12;

/**
 * Walks through the reset screen of Settings by recipe. Nothing is tapped that no recipe names. This is the reset
 * that also clears the persistent data block of a handset without accounts (AOSP Settings MainClearConfirm).
 */
export const settingsScreenRung: Rung = {
  method: 'settings-screen',
  async ask(visit, report) {
    const recipe = recipeFor(
      `${report.identity.manufacturer ?? ''} ${report.identity.brand ?? ''}`,
    );
    await askShell(visit, 'input keyevent KEYCODE_WAKEUP; wm dismiss-keyguard');
    let answer: Answer = { kind: 'refused', why: 'no-reset-screen', said: '' };
    for (const action of RESET_ACTIONS) {
      const { said, exitCode } = await askShell(visit, `am start -a ${action}`);
      if (exitCode !== 0 || /Error|Exception|unable to resolve/i.test(said)) continue;
      answer = await walk(visit, recipe);
      if (answer.kind === 'asked') return answer;
      if (answer.kind === 'refused' && answer.why === 'screen-lock') return answer;
    }
    return answer;
  },
};

async function walk(visit: Visit, recipe: ScreenRecipe): Promise<Answer> {
  let from = 0;
  let before = '';
  const taken: string[] = [];
  for (let count = 0; count < MAX_SCREENS; count += 1) {
    const { reading, nodes, seen } = await lookAt(visit, recipe, { from, before });
    if (reading.kind === 'secret')
      return { kind: 'refused', why: 'screen-lock', said: taken.join(' ') };
    if (reading.kind === 'unknown')
      return { kind: 'unknown-screen', said: buttonTexts(nodes).join(' | ') };
    await askShell(visit, `input tap ${reading.node.x} ${reading.node.y}`);
    before = seen;
    if (reading.kind === 'tick') continue;
    taken.push(reading.step.name);
    from = reading.index + 1;
    if (reading.step.final) return { kind: 'asked', said: `${recipe.name}: ${taken.join(' ')}` };
  }
  return { kind: 'unknown-screen', said: taken.join(' ') };
}

/** The screen as soon as it differs from `before` and fits a step, or what was last seen of it. */
async function lookAt(visit: Visit, recipe: ScreenRecipe, at: { from: number; before: string }) {
  let nodes: readonly ScreenNode[] = [];
  let seen = '';
  for (let look = 0; look < LOOKS; look += 1) {
    if (look > 0) await sleep(300 * look, visit.context.signal);
    nodes = parseScreen(await dumpScreen(visit));
    seen = nodes.map(({ id, text, checked }) => `${id}|${text}|${checked}`).join('\n');
    if (nodes.length === 0 || seen === at.before) continue;
    const reading = readScreen(nodes, recipe, at.from);
    if (reading.kind !== 'unknown') return { reading, nodes, seen };
  }
  return { reading: { kind: 'unknown' } as const, nodes, seen };
}

async function dumpScreen(visit: Visit): Promise<string> {
  const file = shellQuote(`${visit.places.work}/sarachi-${runWord(visit)}.xml`);
  const command = `rm -f ${file}; uiautomator dump ${file} >/dev/null 2>&1; cat ${file} 2>/dev/null; rm -f ${file}`;
  const { stdout } = await visit.link.shell(command, commandWait(visit));
  return stdout;
}
