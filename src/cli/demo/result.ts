import type { PortView } from '../../ports/view.js';
import type { DemoHandset, Expected } from './demo-handset.js';
import type { Standing } from './demo-rack.js';
import type { Marks } from './marks.js';

/** Whether nothing more will happen by itself: settled, or waiting for something that nobody here does. */
export function isAtRest(view: PortView, plan: DemoHandset): boolean {
  if (view.state === 'settled') return true;
  const asked = view.attention?.code;
  return (
    (view.state === 'attention' || view.state === 'unready') &&
    asked !== undefined &&
    !plan.personDoes.includes(asked)
  );
}

export function isExpected(view: PortView, expected: Expected): boolean {
  return 'verdict' in expected
    ? view.verdict === expected.verdict &&
        (expected.lane === undefined || view.lane === expected.lane)
    : view.state === 'attention' && view.attention?.code === expected.attention;
}

/** `P03  SC-51B  Android 13   attention: account-present   as expected   ○－▲－?   the seller is still signed in` */
export function resultLine(view: PortView, { plan }: Standing, marks: Marks | null): string {
  const handset = view.handset ? nameOf(view.handset) : 'no handset';
  const end = endOf(view);
  const mark = isExpected(view, plan.expected) ? 'as expected' : 'NOT EXPECTED';
  return [
    view.port.padEnd(4),
    handset.padEnd(24),
    end.padEnd(31),
    mark.padEnd(13),
    ...(marks === null
      ? []
      : [
          marks
            .map(({ glyph }) => glyph)
            .join('')
            .padEnd(6),
        ]),
    plan.story,
  ].join(' ');
}

function nameOf({ platform, model, osVersion }: NonNullable<PortView['handset']>): string {
  return `${model ?? '?'} / ${platform === 'apple' ? 'iOS' : 'Android'} ${osVersion ?? '?'}`;
}

function endOf(view: PortView): string {
  if (view.verdict) return `${view.verdict} -> ${view.lane ?? '?'}`;
  if (view.attention) return `attention: ${view.attention.code}`;
  return `${view.state}${view.stage ? ` ${view.stage}` : ''}`;
}

/** One line for whatever a port does now; lines that say the same are printed once. */
export function statusOf(view: PortView): string {
  if (view.verdict || view.attention) return endOf(view);
  if (!view.stage) return view.state;
  // Steps of a quarter are news, single percents are noise.
  const quarter = view.progress
    ? ` ${view.progress.step} ${Math.floor(view.progress.done * 4) * 25} %`
    : '';
  return `${view.stage}${quarter}`;
}
