import { useRef } from 'preact/hooks';
import { usePanel } from '../panel-context.js';

/**
 * The darkness that falls by itself. Each good word of the server begins an animation anew that covers the page after
 * staleAfter; when no word comes it runs to its end, whether this script still runs or not.
 */
export function DeadMan() {
  const { live, words } = usePanel();
  const { view, fresh, beats, heardAt } = live;
  const delay = { animationDelay: `${view?.staleAfter ?? 0}s` };
  const turn = useRef({ beats, side: 0 });
  // Several words may come in one piece: what counts is that there were any.
  if (turn.current.beats !== beats) turn.current = { beats, side: 1 - turn.current.side };
  return (
    <>
      <div
        class="dead-man"
        data-turn={fresh ? turn.current.side : 'dark'}
        style={fresh ? delay : {}}
        aria-hidden={fresh}
      >
        <div class="dead-man-sign">
          <svg viewBox="0 0 24 24" class="shape" aria-hidden="true" focusable="false">
            <path d="M4 4l16 16M20 4L4 20" />
          </svg>
          <p class="dead-man-title">{beats === 0 ? words.starting : words.stale.title}</p>
          <p>{words.stale.detail}</p>
          <p class="dead-man-since">
            {heardAt === null
              ? words.stale.never
              : words.stale.ago(words.duration((Date.now() - heardAt) / 1000))}
          </p>
        </div>
      </div>
      <p class="visually-hidden" role="alert">
        {!fresh && beats > 0 ? `${words.stale.title}. ${words.stale.detail}` : ''}
      </p>
    </>
  );
}
