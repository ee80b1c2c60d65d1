import type { AttentionCode } from '../../attention.js';
import type { JsonObject } from '../../evidence.js';
import type { ConfirmOption } from './words/words.js';

/** One thing that Confirm can say. */
export interface Choice {
  readonly option: ConfirmOption;
  readonly statement: JsonObject;
}

/** What a person may state for an attention; `marks` is a mark for each carrier. Nothing is chosen beforehand. */
export function choicesOf(code: AttentionCode): readonly Choice[] | 'marks' {
  switch (code) {
    case 'carrier-result-needed':
      return 'marks';
    case 'jpki-declaration-missing':
      return [
        { option: 'revoked', statement: { jpki: 'revoked' } },
        { option: 'never-registered', statement: { jpki: 'never-registered' } },
      ];
    case 'felica-clear-needed':
      return [{ option: 'cleared', statement: { felica: 'cleared' } }];
    case 'confirm-first-boot-screen':
      return [{ option: 'first-boot', statement: { screen: 'first-boot' } }];
    default:
      return [{ option: 'go-on', statement: {} }];
  }
}
