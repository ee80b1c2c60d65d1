import { useRef, useState } from 'preact/hooks';
import type { PortAction, PortView } from '../../../ports/view.js';
import { needOfAction } from '../../access/roles.js';
import { type Answer, act } from '../api.js';
import { usePanel } from '../panel-context.js';
import type { Words } from '../words/words.js';
import { problemText } from './answer.js';
import { ConfirmForm } from './confirm-form.js';

/** These are asked about once more: they end work or erase. */
const ASKED_TWICE: readonly PortAction[] = ['abort', 'retry'];

/** What a person may do at a port now, and what became of it. */
export function Actions({ port }: { readonly port: PortView }) {
  const { words, by, session } = usePanel();
  const [said, setSaid] = useState<Answer<unknown> | null>(null);
  const [asking, setAsking] = useState<PortAction | null>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const send = async (action: PortAction, statement = {}) => {
    setSaid({ state: 'loading' });
    setSaid(await act(port.port, { action, by, statement }));
  };
  const press = (action: PortAction) => {
    if (!ASKED_TWICE.includes(action)) return void send(action);
    setAsking(action);
    dialog.current?.showModal();
  };
  const answer = (yes: boolean) => {
    dialog.current?.close();
    if (yes && asking) void send(asking);
  };
  // Without a hold, `release` ends the run as `abort` does.
  const allowed = port.actions.filter((action) => session?.may.includes(needOfAction(action)));
  const buttons = allowed.filter(
    (action) => action !== 'confirm' && (action !== 'release' || port.held),
  );
  return (
    <section class="actions" aria-label={words.terms.actionsTitle}>
      {port.attention && allowed.includes('confirm') && (
        <ConfirmForm
          code={port.attention.code}
          onConfirm={(statement) => void send('confirm', statement)}
        />
      )}
      <div class="buttons">
        {buttons.map((action) => (
          <button
            key={action}
            type="button"
            class="button"
            data-action={action}
            title={words.actionMeans[action]}
            onClick={() => press(action)}
          >
            {words.actions[action]}
          </button>
        ))}
      </div>
      <p class="said" role="status">
        {said && saidText(said, words, session?.key ?? null)}
      </p>
      <dialog ref={dialog} aria-labelledby="asked-twice">
        <p id="asked-twice">
          <strong>{port.port}</strong>{' '}
          {asking === 'abort' ? words.terms.confirmAbort : words.terms.confirmRetry}
        </p>
        <div class="buttons">
          <button type="button" class="button" data-action="yes" onClick={() => answer(true)}>
            {words.terms.yes}
          </button>
          <button type="button" class="button" data-action="no" onClick={() => answer(false)}>
            {words.terms.no}
          </button>
        </div>
      </dialog>
    </section>
  );
}

function saidText(said: Answer<unknown>, words: Words, key: string | null): string {
  if (said.state === 'loading') return words.terms.loading;
  if (said.state === 'here') return words.terms.taken;
  const { problem } = said;
  const elsewhere = problem.status === 403 && key === null;
  const why = elsewhere ? words.terms.onlyHere : problemText(problem, words);
  return `${words.terms.refused}: ${why}`;
}
