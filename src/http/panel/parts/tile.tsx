import type { PortView } from '../../../ports/view.js';
import { percent } from '../format.js';
import { type Panel, usePanel } from '../panel-context.js';
import { queueName } from '../queue-name.js';
import { shortReason } from '../reasons.js';
import { hashOf } from '../route.js';
import { Lamp } from './lamp.js';
import { Shape } from './shape.js';

interface TileProps {
  readonly port: PortView;
  readonly dimmed: boolean;
  readonly reachable: boolean;
  readonly onFocus: () => void;
}

/** One opening as it is read from afar: number, shape, word, and what goes on in it. */
export function Tile({ port, dimmed, reachable, onFocus }: TileProps) {
  const panel = usePanel();
  const { light, progress } = port;
  const detail = detailOf(port, panel);
  const word = light.word[panel.language];
  const model = port.handset?.model ?? null;
  return (
    <a
      class="tile"
      id={`tile-${port.port}`}
      href={hashOf({ page: 'port', port: port.port })}
      data-light={light.name}
      data-dimmed={dimmed ? '' : undefined}
      data-blinking={port.blinking ? '' : undefined}
      tabIndex={reachable ? 0 : -1}
      onFocus={onFocus}
    >
      <span class="tile-face">
        <span class="tile-number">
          <span class="visually-hidden">{port.port.slice(0, 1)}</span>
          {port.port.slice(1)}
        </span>
        <Shape name={light.name} />
        <span class="tile-word" data-length={word.length > 4 ? 'long' : undefined}>
          {word}
        </span>
        <span class="tile-detail">{detail}</span>
        <span class="tile-foot">
          <Lamp light={light} />
          <bdi>{model}</bdi>
        </span>
      </span>
      {progress && (
        <progress class="tile-bar" max={100} value={percent(progress.done)} aria-hidden="true" />
      )}
    </a>
  );
}

/** The line below the word: what to do, how far it is, or where it goes. */
export function detailOf(port: PortView, { words, now }: Panel): string | null {
  if (port.attention) return words.shortAttention[port.attention.code];
  if (port.waiting) return words.waiting(queueName(port.waiting.queue, words), port.waiting.ahead);
  if (port.stage && port.state === 'working') {
    const { progress } = port;
    const name = words.stages[port.stage];
    if (!progress) return name;
    const left =
      progress.etaSeconds === null ? '' : ` ${words.left(words.duration(progress.etaSeconds))}`;
    return `${name} ${percent(progress.done)}%${left}`;
  }
  if (port.lane) {
    if (port.lane !== 'release') return shortReason(port.reasons, port.verdict, words);
    return `${words.lanes[port.lane]} ${words.since(words.duration((now - Date.parse(port.since)) / 1000))}`;
  }
  if (port.workOrder) return words.workOrders[port.workOrder.whose];
  return port.held ? words.terms.held : null;
}
