import { useState } from 'preact/hooks';
import type { RunDetail } from '../../rack-api.js';
import { type Answer, validate } from '../api.js';
import { dateTime } from '../format.js';
import { usePanel } from '../panel-context.js';
import { problemText } from './answer.js';

/** What a second person said of the run, or what that person can say now. */
export function Validation({
  run,
  onSaid,
}: {
  readonly run: RunDetail;
  readonly onSaid: () => void;
}) {
  const { words, language, session } = usePanel();
  const { terms } = words;
  const [answer, setAnswer] = useState<Answer<unknown> | null>(null);
  const { validation, validationState } = run;
  if (validationState === 'not-needed') return null;
  const say = async (decision: 'accept' | 'reject') => {
    setAnswer({ state: 'loading' });
    const said = await validate(run.run, decision);
    setAnswer(said);
    if (said.state === 'here') onSaid();
  };
  const waits = validationState === 'waiting';
  return (
    <section class="card validation" data-state={validationState}>
      <h2>{terms.validation}</h2>
      <p>
        <strong>{words.validation[validationState]}</strong>
      </p>
      {validation && (
        <p class="quiet">
          <bdi>{validation.person}</bdi> – {dateTime(validation.at, language)}{' '}
          <bdi>{validation.note}</bdi>
        </p>
      )}
      {waits && session?.may.includes('validate') && (
        <div class="buttons">
          {(['accept', 'reject'] as const).map((decision) => (
            <button
              key={decision}
              type="button"
              class="button"
              data-action={decision}
              onClick={() => void say(decision)}
            >
              {terms[decision]}
            </button>
          ))}
        </div>
      )}
      <p class="said" role="status">
        {answer?.state === 'loading' && terms.loading}
        {answer?.state === 'failed' && `${terms.refused}: ${problemText(answer.problem, words)}`}
      </p>
    </section>
  );
}
