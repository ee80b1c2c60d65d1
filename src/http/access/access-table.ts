import { PORT_ACTIONS } from '../../ports/view.js';
import { MAY, may, NEEDS, type Need, needOfAction, ROLES, type Role } from './roles.js';
import { ROUTE_NEEDS } from './route-needs.js';

/** Who comes with a request: each role with a good key of its own, or without one. */
export const CALLERS = [...ROLES, 'no key', 'expired key', 'revoked key', 'wrong host'] as const;
export type CallerKind = (typeof CALLERS)[number];

/** What a caller is answered: let in, 401 without a key that counts, 403 for what it may not do. */
export type Answer = 'yes' | '401' | '403';

export interface AccessRow {
  /** Method and pattern, and for port actions the action. */
  readonly what: string;
  readonly method: string;
  readonly url: string;
  readonly action: (typeof PORT_ACTIONS)[number] | null;
  readonly need: Need;
  readonly answers: Readonly<Record<CallerKind, Answer>>;
}

/** Every route, and every action at a port, with the answer to every caller. Pure. */
export function accessTable(): readonly AccessRow[] {
  return Object.entries(ROUTE_NEEDS).flatMap(([name, need]) => {
    const [method = '', url = ''] = name.split(' ');
    const row = (action: AccessRow['action'], needed: Need): AccessRow => ({
      what: action ? `${name} ${action}` : name,
      ...{ method, url, action, need: needed, answers: answersFor(needed) },
    });
    return url.endsWith('/actions')
      ? PORT_ACTIONS.map((action) => row(action, needOfAction(action)))
      : [row(null, need)];
  });
}

function answersFor(need: Need): Record<CallerKind, Answer> {
  const ofRole = (role: Role): Answer => (may(role, need) ? 'yes' : '403');
  const keyless: Answer = need === 'public' ? 'yes' : '401';
  return {
    ...(Object.fromEntries(ROLES.map((role) => [role, ofRole(role)])) as Record<Role, Answer>),
    'no key': keyless,
    'expired key': keyless,
    'revoked key': keyless,
    'wrong host': '403',
  };
}

/** The tables of docs/access.md. */
export function accessTableText(): string {
  const needs = Object.entries(NEEDS).map(
    ([need, words]) =>
      `| \`${need}\` | ${words} | ${ROLES.filter((role) => MAY[role].includes(need as Need)).join(', ')} |`,
  );
  const rows = accessTable().map(({ what, need, answers }) => {
    const cells = CALLERS.map((caller) => answers[caller]);
    return `| \`${what.replace('/api/v1', '')}\` | ${need} | ${cells.join(' | ')} |`;
  });
  return [
    '| need | what it is | roles |',
    '| --- | --- | --- |',
    ...needs,
    '',
    `| route (below /api/v1 where it is of the API) | need | ${CALLERS.join(' | ')} |`,
    `| --- | --- | ${CALLERS.map(() => '---').join(' | ')} |`,
    ...rows,
  ].join('\n');
}
