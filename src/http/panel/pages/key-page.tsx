import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, openSession } from '../api.js';
import { usePanel } from '../panel-context.js';
import { problemText } from '../parts/answer.js';

/** A key as it was made, however it was typed, pasted or scanned; null for what cannot be one. */
function keyIn(typed: string): string | null {
  const bare = typed.normalize('NFKC').trim();
  return /^[\x21-\x7e]{1,200}$/.test(bare) ? bare : null;
}

/** Asks for the key. Nothing of the rack is shown before, and no script keeps what is typed. */
export function KeyPage({ onOpened }: { readonly onOpened: () => void }) {
  const { words } = usePanel();
  const { terms } = words;
  const [said, setSaid] = useState<Answer<unknown> | null>(null);
  const [malformed, setMalformed] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const open = async (event: Event) => {
    event.preventDefault();
    const key = keyIn(field.current?.value ?? '');
    setMalformed(key === null);
    setSaid(null);
    if (key === null) return;
    setSaid({ state: 'loading' });
    const answer = await openSession(key);
    setSaid(answer);
    if (answer.state === 'here') onOpened();
  };
  return (
    <div class="page">
      <section class="card key-page">
        <h1>{terms.keyTitle}</h1>
        <p>{terms.keyHelp}</p>
        <form class="search" onSubmit={(event) => void open(event)}>
          <label>
            {terms.key}
            <input
              ref={field}
              id="key"
              type="password"
              autocomplete="off"
              spellcheck={false}
              maxLength={256}
              aria-invalid={malformed}
              aria-describedby="key-said"
            />
          </label>
          <button type="submit" class="button primary" data-action="key">
            {terms.keyOpen}
          </button>
        </form>
        <p id="key-said" class="trouble" role="alert">
          {malformed && terms.keyMalformed}
          {said?.state === 'failed' && problemText(said.problem, words)}
        </p>
        {said?.state === 'loading' && <p class="quiet">{terms.loading}</p>}
      </section>
    </div>
  );
}
