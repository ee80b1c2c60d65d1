import { useState } from 'preact/hooks';
import type { Evidence, Stage } from '../../../evidence.js';
import type { RunDetail } from '../../rack-api.js';
import { useAnswer } from '../api.js';
import { dateTime } from '../format.js';
import { usePanel } from '../panel-context.js';
import type { Outcome, Words } from '../words/words.js';
import { Answered } from './answer.js';
import { CertificateView } from './certificate-view.js';
import { EvidenceList, Marks } from './evidence-list.js';
import { RunFacts } from './run-facts.js';
import { Validation } from './validation.js';

/** Everything that is on record of one run. `again` changes when there may be more. */
export function RunView({
  run,
  again: moved,
}: {
  readonly run: string;
  readonly again: number | string;
}) {
  const [said, setSaid] = useState(0);
  const again = `${moved} ${said}`;
  const detail = useAnswer<RunDetail>(`/api/v1/runs/${run}`, { again });
  const facts = useAnswer<{ evidence: readonly Evidence[] }>(`/api/v1/runs/${run}/evidence`, {
    again,
  });
  return (
    <Answered answer={detail}>
      {(body) => (
        <div class="run">
          <RunFacts run={body} />
          <Validation run={body} onSaid={() => setSaid((n) => n + 1)} />
          <Timeline run={body} />
          <CertificateView run={body} />
          <Answered answer={facts}>
            {({ evidence }) => (
              <>
                <Marks evidence={evidence} />
                <EvidenceList evidence={evidence} />
              </>
            )}
          </Answered>
        </div>
      )}
    </Answered>
  );
}

function Timeline({ run }: { readonly run: RunDetail }) {
  const { words, language } = usePanel();
  const events = [
    ...run.stages.map((stage, index) => ({
      ...{ at: stage.startedAt, stage },
      nth: run.stages.slice(0, index + 1).filter((one) => one.stage === stage.stage).length,
    })),
    ...run.attentions.map((attention) => ({ at: attention.at, attention })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  return (
    <section class="card">
      <h2>{words.terms.timeline}</h2>
      <ol class="timeline">
        <Moment at={run.openedAt} text={words.terms.opened} />
        {events.map((event) =>
          'stage' in event ? (
            <StageMoment key={`${event.stage.stage}-${event.stage.fence}`} {...event} />
          ) : (
            <Moment
              key={event.at}
              at={event.at}
              kind="act"
              text={shortOf(event.attention.code, words.shortAttention)}
            />
          ),
        )}
        {run.settledAt && (
          <Moment
            at={run.settledAt}
            text={`${words.terms.settled}: ${run.verdict ? words.verdicts[run.verdict] : ''}`}
          />
        )}
      </ol>
      <p class="quiet">
        {words.terms.time}: {Intl.DateTimeFormat(language).resolvedOptions().timeZone}
      </p>
    </section>
  );
}

function shortOf(code: string, words: Readonly<Record<string, string>>): string {
  return words[code] ?? code;
}

function Moment({
  at,
  text,
  kind,
}: {
  readonly at: string;
  readonly text: string;
  readonly kind?: string;
}) {
  const { language } = usePanel();
  return (
    <li data-kind={kind}>
      <time dateTime={at}>{dateTime(at, language)}</time> <span>{text}</span>
    </li>
  );
}

function StageMoment({
  stage,
  nth,
}: {
  readonly stage: RunDetail['stages'][number];
  readonly nth: number;
}) {
  const { words } = usePanel();
  const { startedAt, endedAt, outcome } = stage;
  const kind = typeof outcome?.['kind'] === 'string' ? outcome['kind'] : null;
  const code = typeof outcome?.['code'] === 'string' ? outcome['code'] : null;
  const seconds = endedAt ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 : null;
  const again = nth > 1 ? ` (${words.attempt(nth)})` : '';
  const end = seconds === null ? words.terms.running : words.duration(seconds);
  const name = words.stages[stage.stage as Stage] ?? stage.stage;
  const said = [outcomeText(kind, words), whyText(code, words)]
    .filter((part) => part !== '')
    .join(': ');
  return <Moment at={startedAt} text={`${name}${again} ${end} ${said}`} kind={kind ?? 'running'} />;
}

function outcomeText(kind: string | null, { outcomes }: Words): string {
  return kind === null ? '' : (outcomes[kind as Outcome] ?? kind);
}

/** An attention or an error by its code. */
function whyText(code: string | null, { shortAttention, errors }: Words): string {
  const words: Readonly<Partial<Record<string, string>>> = { ...errors, ...shortAttention };
  return code === null ? '' : (words[code] ?? code);
}
