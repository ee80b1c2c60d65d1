import { CARRIERS, type Mark } from '../../../carrier-check/marks.js';
import type { Evidence } from '../../../evidence.js';
import { dateTime, oneLine } from '../format.js';
import { usePanel } from '../panel-context.js';

interface Facts {
  readonly evidence: readonly Evidence[];
}

/** Every fact in the order in which it was observed; what stands in it opens on request. */
export function EvidenceList({ evidence }: Facts) {
  const { words, language } = usePanel();
  const { terms } = words;
  return (
    <section class="card">
      <h2>
        {terms.evidence} <span class="count">{evidence.length}</span>
      </h2>
      <ul class="evidence">
        {evidence.map(({ kind, stage, method, at, holds, value }) => (
          <li key={`${at}-${kind}-${method}-${oneLine(value)}`} data-holds={holds}>
            <details>
              <summary>
                <strong>{holds ? '✓' : '✗'}</strong>{' '}
                <span class="visually-hidden">{holds ? terms.holds : terms.holdsNot}</span>
                {words.evidence[kind]}{' '}
                <span class="quiet">
                  {words.stages[stage]} <time dateTime={at}>{dateTime(at, language)}</time>
                </span>
              </summary>
              <p>
                <code>{kind}</code> {terms.method}: <bdi>{oneLine(method, 160)}</bdi>
              </p>
              <p class="data">
                <bdi>{oneLine(value, 2_000)}</bdi>
              </p>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The newest mark of each carrier in this run. */
export function Marks({ evidence }: Facts) {
  const { words } = usePanel();
  const newest = new Map<unknown, Evidence['value']>();
  for (const { kind, value } of evidence)
    if (kind === 'carrier-mark') newest.set(value['carrier'], value);
  const told = CARRIERS.filter((carrier) => newest.has(carrier));
  if (told.length === 0) return null;
  return (
    <section class="card">
      <h2>{words.terms.marksTitle}</h2>
      <ul class="mark-list">
        {told.map((carrier) => {
          const mark = newest.get(carrier)?.['mark'];
          return (
            <li key={carrier} data-mark={oneLine(mark)}>
              {words.carriers[carrier]}{' '}
              <strong>{words.marks[mark as Mark] ?? words.terms.unknown}</strong>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
