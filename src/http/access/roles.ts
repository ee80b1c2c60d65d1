import type { PortAction } from '../../ports/view.js';

export const ROLES = [
  'viewer',
  'operator',
  'verifier',
  'supervisor',
  'integration',
  'admin',
] as const;
export type Role = (typeof ROLES)[number];

/** What a request needs its caller to be allowed. `public` needs no key. */
export const NEEDS = {
  public: 'nothing: anybody who may reach the port',
  watch: 'to see the live rack, whose identifiers are masked',
  history: 'to read runs, evidence, certificates and restrictions with whole identifiers',
  blink: 'to make a port blink',
  act: 'to act at a port: hold, release, retry, abort, confirm',
  mark: 'to state a carrier mark, or have carriers asked anew',
  import: 'to import carrier marks from a file',
  resume: 'to let a carrier be asked again after a captcha',
  validate: 'to accept or reject what another person erased',
  admin: 'to change how the daemon runs',
} as const;
export type Need = keyof typeof NEEDS;

const EVERYTHING = Object.keys(NEEDS) as readonly Need[];

/** What each role may do. A verifier does not act, so that whoever confirms is not whoever erased. */
export const MAY: Readonly<Record<Role, readonly Need[]>> = {
  viewer: ['public', 'watch'],
  operator: ['public', 'watch', 'history', 'blink', 'act', 'mark'],
  verifier: ['public', 'watch', 'history', 'blink', 'validate'],
  supervisor: EVERYTHING.filter((need) => need !== 'admin'),
  integration: ['public', 'watch', 'history', 'mark', 'import'],
  admin: EVERYTHING,
};

export function may(role: Role, need: Need): boolean {
  return MAY[role].includes(need);
}

/** What an action at a port needs beyond its route. */
export function needOfAction(action: PortAction): Need {
  return action === 'blink' ? 'blink' : 'act';
}
