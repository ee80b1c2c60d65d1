import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { LIGHTS } from '../../ports/lights.js';
import type { PortView } from '../../ports/view.js';
import { useAnswer } from './api.js';
import { isIn } from './groups.js';
import { Connection, type Live, NOTHING } from './live/connection.js';
import { FleetPage } from './pages/fleet-page.js';
import { HistoryPage } from './pages/history-page.js';
import { KeyPage } from './pages/key-page.js';
import { PortPage } from './pages/port-page.js';
import { RackPage } from './pages/rack-page.js';
import { RunPage } from './pages/run-page.js';
import { SystemPage } from './pages/system-page.js';
import { type Panel, PanelContext, type Plan } from './panel-context.js';
import { Announcer } from './parts/announcer.js';
import { DeadMan } from './parts/dead-man.js';
import { TopBar } from './parts/top-bar.js';
import { type Route, routeOf } from './route.js';
import { useSession } from './session.js';
import { isLanguage, isName, isTheme, type Theme, useSetting } from './settings.js';
import { en } from './words/en.js';
import { ja } from './words/ja.js';
import type { Language } from './words/words.js';

const TICK_MS = 500;
const TRY_AGAIN_MS = 2_000;

/** The whole panel. */
export function App() {
  const { live, unlock, key } = useLive();
  const plan = usePlan(live.boot);
  const session = useSession(live.boot, key);
  const route = useRoute();
  const now = useServerTime(live);
  const [language, setLanguage] = useSetting<Language>(
    'language',
    plan?.language ?? 'ja',
    isLanguage,
  );
  const [theme, setTheme] = useSetting<Theme>('theme', 'auto', isTheme);
  const [by, setBy] = useSetting<string>('by', '', isName);
  const words = language === 'ja' ? ja : en;
  const panel: Panel = { words, language, live, plan, by: by.trim(), session, now };
  const ports = useMemo(() => shownPorts(live), [live]);
  useDocument(panel, ports, theme);
  useKeys(route);
  return (
    <PanelContext.Provider value={panel}>
      <button type="button" class="skip" onClick={skip}>
        {words.skip}
      </button>
      <TopBar
        route={route}
        theme={theme}
        onTheme={setTheme}
        onLanguage={setLanguage}
        onBy={setBy}
      />
      <main id="main" tabIndex={-1} inert={!live.fresh && !live.locked}>
        {live.locked ? <KeyPage onOpened={unlock} /> : <Page route={route} ports={ports} />}
      </main>
      {live.fresh && <Announcer ports={ports} />}
      {!live.locked && <DeadMan />}
    </PanelContext.Provider>
  );
}

/** The ports as they may be shown: what is not fresh has the light of that, whatever it had before. */
function shownPorts({ view, fresh }: Live): readonly PortView[] {
  const ports = view?.ports ?? [];
  if (fresh) return ports;
  const { colour, pattern, ja: inJa, en: inEn } = LIGHTS.stale;
  const light = { name: 'stale', colour, pattern, word: { ja: inJa, en: inEn } } as const;
  const nothing = {
    ...{ attention: null, progress: null, waiting: null, stage: null, handset: null, error: null },
    ...{
      lane: null,
      verdict: null,
      blinking: false,
      held: false,
      workOrder: null,
      actions: [],
      reasons: [],
    },
  };
  return ports.map((port) => ({ ...port, ...nothing, light }));
}

function Page({ route, ports }: { readonly route: Route; readonly ports: readonly PortView[] }) {
  switch (route.page) {
    case 'rack':
      return <RackPage ports={ports} />;
    case 'port': {
      const port = ports.find((one) => one.port === route.port);
      return port ? <PortPage key={route.port} port={port} /> : <RackPage ports={ports} />;
    }
    case 'run':
      return <RunPage key={route.run} run={route.run} />;
    case 'history':
      return <HistoryPage text={route.text} verdict={route.verdict} />;
    case 'system':
      return <SystemPage />;
    case 'fleet':
      return <FleetPage />;
  }
}

/** What is known of the rack; `unlock` once the browser has a key, and how often it got one. */
function useLive() {
  const [live, setLive] = useState<Live>(NOTHING);
  const [key, setKey] = useState(0);
  const connection = useRef<Connection | null>(null);
  useEffect(() => {
    const end = new AbortController();
    connection.current = new Connection(setLive);
    void connection.current.run(end.signal);
    return () => end.abort();
  }, []);
  const unlock = () => {
    setKey((n) => n + 1);
    connection.current?.unlock();
  };
  return { live, unlock, key };
}

/** What does not change while a daemon runs, read anew for each start of it. Another version brings its own page. */
function usePlan(boot: string | null): Plan | null {
  const [plan, setPlan] = useState<Plan | null>(null);
  const answer = useAnswer<Plan>(boot === null ? null : '/api/v1/rack', {
    ...{ again: boot ?? '', every: plan === null ? TRY_AGAIN_MS : 0 },
  });
  useEffect(() => {
    if (answer.state !== 'here') return;
    if (plan !== null && plan.version !== answer.body.version) location.reload();
    setPlan(answer.body);
  }, [answer, plan]);
  return plan;
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => {
      setHash(location.hash);
      window.scrollTo(0, 0);
    };
    window.addEventListener('hashchange', changed);
    return () => window.removeEventListener('hashchange', changed);
  }, []);
  return useMemo(() => routeOf(hash), [hash]);
}

/** The rack's clock, so that what is counted does not hang on how the panel's own is set. */
function useServerTime({ view, heardAt }: Live): number {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  if (!view || heardAt === null) return Date.now();
  return Date.parse(view.serverTime) + Math.max(0, Date.now() - heardAt);
}

function useDocument(
  { words, language, live, plan }: Panel,
  ports: readonly PortView[],
  theme: Theme,
): void {
  const count = ports.filter((port) => isIn('act', port)).length;
  const rack = plan?.rack ?? 'Sarachi';
  const title = live.locked
    ? `${words.terms.key} – ${rack}`
    : live.fresh
      ? `${count > 0 ? `▲${count} ` : ''}${rack}`
      : `✕ ${words.stale.title}`;
  useEffect(() => {
    const root = document.documentElement;
    root.lang = language;
    root.dataset['theme'] = theme;
    root.dataset['fresh'] = String(live.fresh);
    document.title = title;
    document
      .getElementById('icon')
      ?.setAttribute('href', `/panel/icon${live.fresh ? '' : '-stale'}.svg`);
  }, [language, theme, live.fresh, title]);
}

/** `/` searches, Escape goes back to the rack. */
function useKeys(route: Route): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
      const inDialog = document.querySelector('dialog[open]') !== null;
      if (inDialog || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape' && route.page !== 'rack') location.hash = '#/';
      if (event.key === '/' && !typing) {
        event.preventDefault();
        if (route.page !== 'history') location.hash = '#/history?q=&verdict=';
        setTimeout(() => document.getElementById('search')?.focus(), 50);
      }
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [route]);
}

function skip(): void {
  document.getElementById('main')?.focus();
}
