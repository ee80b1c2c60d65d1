import type { ComponentChildren } from 'preact';
import type { Answer, Problem } from '../api.js';
import { usePanel } from '../panel-context.js';
import type { Words } from '../words/words.js';

/** What the daemon answered, or why there is nothing to show. */
export function Answered<T>({
  answer,
  children,
}: {
  readonly answer: Answer<T>;
  readonly children: (body: T) => ComponentChildren;
}) {
  const { words } = usePanel();
  if (answer.state === 'loading') return <p class="quiet">{words.terms.loading}</p>;
  if (answer.state === 'here') return <>{children(answer.body)}</>;
  return (
    <p class="trouble" role="alert">
      {words.terms.cannotRead}: {problemText(answer.problem, words)}
    </p>
  );
}

/** A refusal for people: our words for its code, and its own. */
export function problemText({ status, code, detail }: Problem, words: Words): string {
  const said = code ? words.errors[code] : '';
  return [said, detail, status > 0 ? `(${status})` : ''].filter((part) => part !== '').join(' – ');
}
