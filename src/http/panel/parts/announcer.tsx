import { useEffect, useRef, useState } from 'preact/hooks';
import type { PortView } from '../../../ports/view.js';
import { usePanel } from '../panel-context.js';

/** Says aloud, to those who listen instead of look, where a port came to need somebody or to an end. */
export function Announcer({ ports }: { readonly ports: readonly PortView[] }) {
  const { language } = usePanel();
  const known = useRef<ReadonlyMap<string, string> | null>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    const before = known.current;
    known.current = new Map(ports.map(({ port, light }) => [port, light.name]));
    if (!before) return;
    const news = ports.filter(
      ({ port, light, attention, verdict }) =>
        before.get(port) !== light.name && (attention !== null || verdict !== null),
    );
    if (news.length > 0)
      setSaid(news.map(({ port, light }) => `${port} ${light.word[language]}`).join(', '));
  }, [ports, language]);
  return (
    <p class="visually-hidden" role="status">
      {said}
    </p>
  );
}
