import { useState } from 'preact/hooks';
import type { AttentionCode } from '../../../attention.js';
import { CARRIERS, MARKS } from '../../../carrier-check/marks.js';
import type { JsonObject } from '../../../evidence.js';
import { choicesOf } from '../confirm-choices.js';
import { usePanel } from '../panel-context.js';

interface ConfirmFormProps {
  readonly code: AttentionCode;
  readonly onConfirm: (statement: JsonObject) => void;
}

/** Confirm, with what it states. A button stays off until the person has chosen. */
export function ConfirmForm({ code, onConfirm }: ConfirmFormProps) {
  const choices = choicesOf(code);
  return choices === 'marks' ? (
    <MarksForm onConfirm={onConfirm} />
  ) : (
    <ChoiceForm key={code} choices={choices} onConfirm={onConfirm} />
  );
}

function ChoiceForm({
  choices,
  onConfirm,
}: {
  readonly choices: Exclude<ReturnType<typeof choicesOf>, 'marks'>;
  readonly onConfirm: (statement: JsonObject) => void;
}) {
  const { words } = usePanel();
  const [chosen, setChosen] = useState<number | null>(null);
  const choice = chosen === null ? undefined : choices[chosen];
  return (
    <fieldset class="confirm">
      <legend>{choices.length > 1 ? words.terms.chooseOne : words.actions.confirm}</legend>
      {choices.map(({ option }, index) => (
        <label key={option} class="choice">
          <input
            type={choices.length > 1 ? 'radio' : 'checkbox'}
            name="statement"
            checked={chosen === index}
            onChange={(event) => setChosen(event.currentTarget.checked ? index : null)}
          />
          {words.options[option]}
        </label>
      ))}
      <button
        type="button"
        class="button primary"
        data-action="confirm"
        disabled={!choice}
        onClick={() => choice && onConfirm(choice.statement)}
      >
        {words.actions.confirm}
      </button>
    </fieldset>
  );
}

function MarksForm({ onConfirm }: { readonly onConfirm: (statement: JsonObject) => void }) {
  const { words } = usePanel();
  const [marks, setMarks] = useState<Readonly<Record<string, string>>>({});
  const stated = Object.fromEntries(Object.entries(marks).filter(([, mark]) => mark !== ''));
  return (
    <fieldset class="confirm">
      <legend>{words.terms.marksTitle}</legend>
      <div class="marks">
        {CARRIERS.map((carrier) => (
          <label key={carrier}>
            {words.carriers[carrier]}
            <select
              value={marks[carrier] ?? ''}
              onChange={(event) => setMarks({ ...marks, [carrier]: event.currentTarget.value })}
            >
              <option value="">–</option>
              {MARKS.map((mark) => (
                <option key={mark} value={mark}>
                  {words.marks[mark]}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      <button
        type="button"
        class="button primary"
        data-action="confirm"
        disabled={Object.keys(stated).length === 0}
        onClick={() => onConfirm({ marks: stated })}
      >
        {words.actions.confirm}
      </button>
    </fieldset>
  );
}
