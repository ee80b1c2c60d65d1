import { closeSession } from '../api.js';
import { usePanel } from '../panel-context.js';
import { hashOf, type Route } from '../route.js';
import { THEMES, type Theme } from '../settings.js';
import type { Language } from '../words/words.js';

interface TopBarProps {
  readonly route: Route;
  readonly theme: Theme;
  readonly onTheme: (theme: Theme) => void;
  readonly onLanguage: (language: Language) => void;
  readonly onBy: (by: string) => void;
}

const PLACES: readonly Route[] = [
  { page: 'rack' },
  { page: 'history', text: '', verdict: '' },
  { page: 'system' },
  { page: 'fleet' },
];

/** Where one is, where one can go, and who acts. */
export function TopBar({ route, theme, onTheme, onLanguage, onBy }: TopBarProps) {
  const { words, language, plan, now, live, session } = usePanel();
  const other = language === 'ja' ? 'en' : 'ja';
  const current = { port: 'rack', run: 'history' }[route.page as string] ?? route.page;
  const mayRead = session?.may.includes('history') ?? false;
  const open = PLACES.filter(({ page }) => page !== 'history' || mayRead);
  const places = live.locked ? [] : open;
  return (
    <header class="top">
      <strong class="rack-name">{plan?.rack ?? 'Sarachi'}</strong>
      <nav aria-label={words.nav.rack}>
        {places.map((place) => (
          <a
            key={place.page}
            href={hashOf(place)}
            aria-current={place.page === current ? 'page' : undefined}
          >
            {words.nav[place.page as keyof typeof words.nav]}
          </a>
        ))}
      </nav>
      <details class="settings">
        <summary>{words.terms.settings}</summary>
        <div class="settings-box">
          <WhoActs onBy={onBy} />
          <label>
            {words.terms.themeLabel}
            <select value={theme} onChange={(event) => onTheme(event.currentTarget.value as Theme)}>
              {THEMES.map((one) => (
                <option key={one} value={one}>
                  {words.theme[one]}
                </option>
              ))}
            </select>
          </label>
          <p class="quiet">{words.terms.helpKeys}</p>
        </div>
      </details>
      <button type="button" class="language" lang={other} onClick={() => onLanguage(other)}>
        {words.otherLanguage}
      </button>
      {live.fresh && <Clock now={now} language={language} />}
    </header>
  );
}

/** The key's person; where there are no keys, what a person types. */
function WhoActs({ onBy }: Pick<TopBarProps, 'onBy'>) {
  const { words, by, session } = usePanel();
  const leave = async () => {
    await closeSession();
    location.reload();
  };
  if (session?.key)
    return (
      <p class="who">
        {words.by}: <bdi>{session.person}</bdi> ({words.roles[session.role]}){' '}
        <button type="button" class="button" data-action="leave" onClick={() => void leave()}>
          {words.terms.signOut}
        </button>
      </p>
    );
  return (
    <label>
      {words.by}
      <input
        type="text"
        value={by}
        maxLength={64}
        autocomplete="off"
        placeholder={words.byHint}
        onInput={(event) => onBy(event.currentTarget.value)}
      />
    </label>
  );
}

/** The rack's time: a clock that stands still is the first thing that people notice. */
function Clock({ now, language }: { readonly now: number; readonly language: Language }) {
  const time = new Date(now);
  return (
    <time class="clock" dateTime={time.toISOString()}>
      {time.toLocaleTimeString(language === 'ja' ? 'ja-JP' : 'en-GB', { hour12: false })}
    </time>
  );
}
