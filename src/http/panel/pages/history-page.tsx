import { useEffect, useState } from 'preact/hooks';
import type { RunSummary } from '../../rack-api.js';
import { type Answer, read } from '../api.js';
import { dateTime } from '../format.js';
import { usePanel } from '../panel-context.js';
import { Answered } from '../parts/answer.js';
import { hashOf, searchOf } from '../route.js';
import type { Verdict } from '../words/words.js';

const VERDICTS: readonly Verdict[] = ['passed', 'failed', 'inconclusive'];

interface Page {
  readonly runs: readonly RunSummary[];
  readonly nextCursor: string | null;
}

/** Every run that was ever opened here, found by IMEI or serial number. */
export function HistoryPage({
  text,
  verdict,
}: {
  readonly text: string;
  readonly verdict: string;
}) {
  const { words } = usePanel();
  const { terms } = words;
  const [typed, setTyped] = useState(text);
  const search = searchOf(typed);
  const go = (event: Event, chosen = verdict) => {
    event.preventDefault();
    if (search) location.hash = hashOf({ page: 'history', text: typed.trim(), verdict: chosen });
  };
  return (
    <div class="page">
      <h1>{words.nav.history}</h1>
      <search>
        <form class="search" onSubmit={go}>
          <label>
            {terms.searchHint}
            <input
              id="search"
              type="search"
              value={typed}
              autocomplete="off"
              spellcheck={false}
              maxLength={64}
              aria-describedby="search-help"
              aria-invalid={search === null}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
          <label>
            {terms.verdict}
            <select value={verdict} onChange={(event) => go(event, event.currentTarget.value)}>
              <option value="">{terms.allVerdicts}</option>
              {VERDICTS.map((one) => (
                <option key={one} value={one}>
                  {words.verdicts[one]}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" class="button primary">
            {terms.search}
          </button>
          <p id="search-help" class={search === null ? 'trouble' : 'quiet'}>
            {search === null ? terms.searchBad : terms.searchHelp}
          </p>
        </form>
      </search>
      <Found key={`${text} ${verdict}`} text={text} verdict={verdict} />
    </div>
  );
}

function queryOf(text: string, verdict: string): URLSearchParams | null {
  const asked = searchOf(text);
  if (!asked) return null;
  const query = new URLSearchParams({ ...asked });
  if (VERDICTS.some((one) => one === verdict)) query.set('verdict', verdict);
  return query;
}

function Found({ text, verdict }: { readonly text: string; readonly verdict: string }) {
  const { words } = usePanel();
  const [runs, setRuns] = useState<readonly RunSummary[]>([]);
  const [answer, setAnswer] = useState<Answer<Page>>({ state: 'loading' });
  const more = async (cursor: string | null) => {
    const query = queryOf(text, verdict);
    if (!query) return;
    query.set('limit', '50');
    if (cursor !== null) query.set('cursor', cursor);
    const found = await read<Page>(`/api/v1/runs?${query}`);
    if (found.state === 'here') setRuns((before) => [...before, ...found.body.runs]);
    setAnswer(found);
  };
  useEffect(() => void more(null), []);
  return (
    <Answered answer={answer}>
      {({ nextCursor }) => (
        <>
          {runs.length === 0 ? <p>{words.terms.nothingFound}</p> : <Runs runs={runs} />}
          <div class="buttons">
            {nextCursor !== null && (
              <button type="button" class="button" onClick={() => void more(nextCursor)}>
                {words.terms.more}
              </button>
            )}
            {runs.length > 0 && (
              <a
                class="button"
                data-action="csv"
                href={`/api/v1/runs?format=csv&${queryOf(text, verdict) ?? ''}`}
                download
              >
                {words.terms.csv}
              </a>
            )}
          </div>
        </>
      )}
    </Answered>
  );
}

function Runs({ runs }: { readonly runs: readonly RunSummary[] }) {
  const { words, language } = usePanel();
  const { terms } = words;
  return (
    <div class="scroll">
      <table class="table">
        <thead>
          <tr>
            {[
              terms.opened,
              terms.port,
              terms.model,
              terms.imei,
              terms.serial,
              terms.verdict,
              terms.lane,
            ].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.run}>
              <td>
                <a href={hashOf({ page: 'run', run: run.run })}>
                  {dateTime(run.openedAt, language)}
                </a>
              </td>
              <td>{run.port}</td>
              <td class="capped">
                <bdi>{run.model}</bdi>
              </td>
              <td>{run.imeis.join(' ')}</td>
              <td class="capped">
                <bdi>{run.serial}</bdi>
              </td>
              <td data-verdict={run.verdict}>
                {run.verdict ? words.verdicts[run.verdict] : words.states.working}
              </td>
              <td>{run.lane && words.lanes[run.lane]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
