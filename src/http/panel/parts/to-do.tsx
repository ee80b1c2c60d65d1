import type { PortView } from '../../../ports/view.js';
import { oldest, toDo } from '../groups.js';
import { usePanel } from '../panel-context.js';
import { hashOf } from '../route.js';
import { Shape } from './shape.js';

/** What is to be done and where, with the exact action; what waits longest comes first. */
export function ToDo({ ports }: { readonly ports: readonly PortView[] }) {
  const { words } = usePanel();
  const tasks = toDo(ports);
  const count = tasks.reduce((sum, task) => sum + task.length, 0);
  if (count === 0) return <p class="to-do-none">{words.nothingToDo}</p>;
  return (
    <section class="to-do" aria-label={words.toDo}>
      <h2>
        {words.toDo} <span class="count">{count}</span>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse. */}
      <ul tabIndex={0} aria-label={words.toDo}>
        {tasks.map((task) => (
          <Task key={task[0]?.attention?.code ?? task[0]?.port} ports={task} />
        ))}
      </ul>
    </section>
  );
}

function Task({ ports }: { readonly ports: readonly PortView[] }) {
  const { words, language, now } = usePanel();
  const [first] = ports;
  if (!first) return null;
  const { attention, workOrder, light } = first;
  const said = attention ?? workOrder;
  const since = words.since(words.duration((now - Date.parse(oldest(ports))) / 1000));
  return (
    <li class="task" data-light={light.name} data-code={attention?.code ?? 'work-order'}>
      <h3>
        <Shape name={light.name} />
        {attention && words.shortAttention[attention.code]}
        {attention && <small>{since}</small>}
        {!attention && workOrder && words.workOrders[workOrder.whose]}
      </h3>
      <p>{said?.[language]}</p>
      <ul class="task-ports">
        {ports.map(({ port }) => (
          <li key={port}>
            <a href={hashOf({ page: 'port', port })}>{port}</a>
          </li>
        ))}
      </ul>
    </li>
  );
}
