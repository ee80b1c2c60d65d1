import type { Evidence } from '../../../evidence.js';
import { latest } from '../../past.js';
import type { SecondLeg } from '../judge-felica.js';
import { type SurveyReport, surveyReportSchema } from '../survey-report.js';

/** The survey that this run began with; null before there was one. */
export function surveyBefore(evidence: readonly Evidence[]): SurveyReport | null {
  const fact = latest(evidence, 'felica-survey-before');
  return surveyReportSchema.safeParse(fact?.value['report']).data ?? null;
}

/** The digest of the management area of the chip that is bound to this handset. */
export function boundManagement(evidence: readonly Evidence[]): string | null {
  const fact = latest(evidence, 'felica-identity-bound');
  const digest = fact?.holds ? fact.value['management'] : null;
  return typeof digest === 'string' ? digest : null;
}

/** Whether somebody said, after the first survey, that the chip is clear now. */
export function isSaidToBeClear(evidence: readonly Evidence[]): boolean {
  const from = evidence.findIndex(({ kind }) => kind === 'felica-survey-before');
  return evidence
    .slice(from + 1)
    .some(
      ({ kind, holds, value }) =>
        holds &&
        (kind === 'felica-cleared-by' ||
          (kind === 'person-confirmed' && value['felica'] === 'cleared')),
    );
}

const SAYS: Readonly<Record<string, SecondLeg['says']>> = {
  cleared: 'cleared',
  'already-clear': 'already-clear',
  interrupted: 'interrupted',
};

/** What whoever was told to clear the chip said last. */
export function secondLeg(evidence: readonly Evidence[]): SecondLeg | null {
  const fact = latest(evidence, 'felica-cleared-by');
  if (!fact) return null;
  const source = fact.method === 'on-device' ? 'on-device' : 'licensed-tool';
  return { source, says: SAYS[String(fact.value['outcome'])] ?? 'failed' };
}
