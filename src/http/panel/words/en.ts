import { ERRORS } from '../../../errors.js';
import { EVIDENCE_KINDS } from '../../../evidence.js';
import { pick, SHORT_ATTENTIONS } from './attentions.js';
import { TERMS } from './terms.js';
import type { Words } from './words.js';

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

function messagesOf(): Words['errors'] {
  const entries = Object.entries(ERRORS).map(([code, { message }]) => [code, message]);
  return Object.fromEntries(entries) as Words['errors'];
}

export const en: Words = {
  nav: { rack: 'Rack', history: 'History', system: 'Equipment', fleet: 'All racks' },
  skip: 'Skip to content',
  theme: { auto: 'Auto', light: 'Light', dark: 'Dark' },
  otherLanguage: '日本語',
  by: 'Operator',
  byHint: 'Name for the record',
  stale: {
    title: 'NO INFORMATION',
    detail:
      'The rack does not answer. Do not trust this screen. Look at the lights and the handsets themselves.',
    never: 'No answer yet',
    ago: (time) => `Last answer: ${time} ago`,
  },
  starting: 'Connecting to the rack…',
  filters: {
    all: 'All',
    act: 'To do',
    working: 'Working',
    release: 'Release',
    attention: 'Check',
    quarantine: 'Quarantine',
    destroy: 'Destroy',
    return: 'Return',
    empty: 'Empty',
  },
  filterLabel: 'Show only',
  rackLabel: 'Ports',
  toDo: 'To do now',
  nothingToDo: 'No port needs anybody.',
  lanes: {
    release: 'Release',
    attention: 'Check',
    quarantine: 'Quarantine',
    destroy: 'Destroy',
    return: 'Return',
  },
  laneMeans: {
    release: 'Take it to the release shelf.',
    attention: 'Put it on the check shelf until somebody responsible has looked.',
    quarantine: 'Take it to quarantine. It may not be sold.',
    destroy: 'Take it to physical destruction.',
    return: 'Take it to the shelf for returns to the seller.',
  },
  verdicts: { passed: 'passed', failed: 'failed', inconclusive: 'inconclusive' },
  stages: {
    identify: 'Identify',
    'carrier-check': 'Carrier check',
    'reset-delete': 'Reset',
    'overwrite-erase': 'Overwrite',
    'felica-clear': 'FeliCa clear',
    verify: 'Verify',
  },
  states: {
    empty: 'empty',
    unready: 'not ready',
    opening: 'opening',
    working: 'working',
    attention: 'attention',
    aborting: 'stopping',
    settled: 'settled',
  },
  actions: {
    retry: 'Retry',
    abort: 'Abort',
    hold: 'Hold',
    release: 'End hold',
    blink: 'Blink',
    confirm: 'Confirm',
  },
  actionMeans: {
    retry: 'Does the work again with the same handset.',
    abort: 'Stops the work and ends it.',
    hold: 'Nothing new is started in this port.',
    release: 'Work may begin in this port again.',
    blink: 'The light of this port blinks for 15 seconds.',
    confirm: 'You looked, and the work goes on.',
  },
  shortAttention: pick(SHORT_ATTENTIONS, 1),
  workOrders: { cable: 'Replace cable', port: 'Inspect opening' },
  errors: messagesOf(),
  carriers: {
    docomo: 'docomo',
    kddi: 'KDDI',
    softbank: 'SoftBank',
    rakuten: 'Rakuten Mobile',
    mineo: 'mineo',
  },
  marks: { circle: '○', triangle: '△', cross: '×', dash: '－', unknown: 'unknown' },
  options: {
    revoked: 'Revoked',
    'never-registered': 'Never registered',
    cleared: 'The FeliCa chip was cleared',
    'first-boot': 'It shows the first-boot screen',
    'go-on': 'I looked; go on',
  },
  evidence: EVIDENCE_KINDS,
  outcomes: { done: 'done', attention: 'attention', failed: 'failed', again: 'once more' },
  queues: { 'carrier-desk': 'Carrier desk' },
  roles: {
    viewer: 'viewer',
    operator: 'operator',
    verifier: 'verifier',
    supervisor: 'supervisor',
    integration: 'integration',
    admin: 'administrator',
  },
  validation: {
    waiting: 'Waits for somebody who had no hand in this run.',
    accepted: 'Accepted',
    rejected: 'Rejected: take it to quarantine.',
  },
  breaker: {
    closed: 'being asked',
    'half-open': 'next look-up is a trial',
    open: 'paused',
    parked: 'parked: a person must look',
  },
  waiting: (what, ahead) => `${what}: ${ahead === 0 ? 'next' : `${ahead} ahead`}`,
  left: (time) => `${time} left`,
  since: (time) => `for ${time}`,
  attempt: (n) => `attempt ${n}`,
  duration,
  terms: TERMS.en,
};
