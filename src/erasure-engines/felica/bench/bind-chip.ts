import type { JsonObject } from '../../../evidence.js';
import type { HandsetIdentity } from '../../../handset.js';
import type { SurveyIdentity, SurveyReport } from '../survey-report.js';

/** Whether the chip's own word for its model is that of the handset; `unknown` where they cannot be compared. */
export type ModelAgreement = 'same' | 'other' | 'unknown';

export interface Binding {
  readonly identity: SurveyIdentity;
  readonly models: ModelAgreement;
}

/** The chip that a survey met and the handset that was called; null where it met none. Pure. */
export function bindingOf(report: SurveyReport, handset: HandsetIdentity | null): Binding | null {
  const run = report.runs.findLast(({ target }) => target === 'mobile');
  if (!run) return null;
  return { identity: run.identity, models: modelsAgree(run.identity.model, handset) };
}

/** Every digest under which this chip can be known. */
export function digestsOf({ container, management }: SurveyIdentity): readonly string[] {
  return [...new Set([container, management])].filter((digest) => digest !== null);
}

/** Numbers alone are codes that only the maker can read; names with letters and digits are those of the trade. */
function modelsAgree(chip: string | null, handset: HandsetIdentity | null): ModelAgreement {
  const named = [handset?.model, handset?.device].flatMap((name) => (name ? [plain(name)] : []));
  if (chip === null || named.length === 0) return 'unknown';
  if (named.includes(plain(chip))) return 'same';
  return /[A-Z]/.test(plain(chip)) && /[0-9]/.test(plain(chip)) ? 'other' : 'unknown';
}

function plain(model: string): string {
  return model.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

export function bindingFact(
  { identity, models }: Binding,
  at: { readonly port: string; readonly reader: number; readonly handsetModel: string | null },
): JsonObject {
  const { container, management, common, model } = identity;
  return { ...at, container, management, common, chipModel: model, models };
}
