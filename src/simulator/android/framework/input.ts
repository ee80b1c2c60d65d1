import { type Node, screenNodes } from '../screens.js';
import type { SystemState } from '../system-state.js';
import { type Answer, type FrameworkCommand, refuse, say } from './command.js';

function hit(node: Node, x: number, y: number): boolean {
  const [left, top, right, bottom] = node.bounds;
  return node.tap !== undefined && x >= left && x < right && y >= top && y < bottom;
}

function tap(state: SystemState, x: number, y: number): Answer {
  const node = screenNodes(state).findLast((one) => hit(one, x, y));
  return say('', node?.tap ?? []);
}

const HOME = ['3', 'KEYCODE_HOME', 'HOME'];
const BACK = ['4', 'KEYCODE_BACK', 'BACK'];

export const input: FrameworkCommand = (state, given) => {
  const args = given[0] === 'touchscreen' ? given.slice(1) : given;
  const [verb, first = '', second = ''] = args;
  if (verb === 'tap') {
    const [x, y] = [Number(first), Number(second)];
    if (!Number.isFinite(x) || !Number.isFinite(y) || second === '')
      return refuse(255, `Error: Invalid arguments for command: tap`);
    return tap(state, x, y);
  }
  if (verb === 'keyevent') {
    const setup = state.screen === 'setup-wizard' || state.screen === 'lock';
    const away = HOME.includes(first) || BACK.includes(first);
    if (setup || !away) return say('');
    const back = BACK.includes(first) && state.screen === 'reset-final';
    return say('', [{ type: 'screen', screen: back ? 'reset-first' : 'launcher' }]);
  }
  if (verb === 'text' || verb === 'swipe') return say('');
  return refuse(255, `Error: Unknown command: ${verb ?? ''}`);
};
