import { usePanel } from '../panel-context.js';
import { RunView } from '../parts/run-view.js';

/** One run of the history. */
export function RunPage({ run }: { readonly run: string }) {
  const { words } = usePanel();
  const back = () => history.back();
  return (
    <div class="page">
      <p>
        <button type="button" class="back" onClick={back}>
          ← {words.terms.back}
        </button>
      </p>
      <h1>{words.terms.run}</h1>
      <RunView run={run} again={0} />
    </div>
  );
}
