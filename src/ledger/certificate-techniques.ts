import { holds, placesOf } from './certificate-evidence.js';
import { overwriteOf, overwriteWords } from './certificate-overwrite.js';
import { placesOfSignals, resetDoubts, resetSignals, type Seen } from './certificate-reset.js';
import type { Both, Certificate } from './certificate-schema.js';

type Technique = Certificate['sanitization']['techniques'][number];

/** What the techniques hang on besides evidence; a certificate says the same under `device`. */
export interface Treated {
  readonly platform: string;
  readonly encryption: string;
}

/** The techniques that evidence supports, for a run that passed. A verifier works them out again. */
export function techniquesOf(evidence: readonly Seen[], treated: Treated): Technique[] {
  const iphone = treated.platform === 'apple';
  const reset = iphone ? resetDoubts(evidence).length === 0 : resetSignals(evidence).length > 0;
  return [
    ...(reset ? [resetTechnique(evidence, treated)] : []),
    ...(iphone ? supplementaryOverwrite(evidence) : overwrite(evidence)),
  ];
}

const RESET_WORDS = {
  android: {
    purge: {
      ja: '暗号消去(初期化による鍵の破棄)',
      en: 'Cryptographic erase (keys destroyed by a reset)',
    },
    clear: { ja: '端末の初期化(削除)', en: 'Factory reset' },
  },
  apple: {
    purge: {
      ja: '暗号消去(iOSの「すべてのコンテンツと設定を消去」による鍵の破棄)',
      en: 'Cryptographic erase by the operating system (Erase All Content and Settings destroys the keys)',
    },
    clear: {
      ja: 'iOSの「すべてのコンテンツと設定を消去」',
      en: 'Erase All Content and Settings',
    },
  },
} as const satisfies Record<string, { purge: Both; clear: Both }>;

function resetTechnique(evidence: readonly Seen[], { platform, encryption }: Treated): Technique {
  const words = RESET_WORDS[platform === 'apple' ? 'apple' : 'android'];
  const signals = placesOfSignals(evidence, resetSignals(evidence));
  // Without the state before, what is encrypted now says nothing about what the reset had to destroy.
  const keysGone =
    (encryption === 'file' || encryption === 'block') &&
    holds(evidence, 'encryption-state') &&
    holds(evidence, 'before-reset');
  return keysGone
    ? {
        technique: 'cryptographic-erase',
        method: 'Purge',
        ...words.purge,
        evidence: [...placesOf(evidence, 'before-reset', 'encryption-state'), ...signals],
      }
    : { technique: 'factory-reset', method: 'Clear', ...words.clear, evidence: signals };
}

function overwrite(evidence: readonly Seen[]): Technique[] {
  if (!holds(evidence, 'overwrite-written') || !holds(evidence, 'overwrite-read-back')) return [];
  return [
    {
      technique: 'overwrite',
      method: 'Clear',
      ja: '上書き消去(疑似乱数1回、全読み戻し)と初期化',
      en: 'Overwrite (one pass, full read-back) and reset',
      evidence: placesOf(evidence, 'overwrite-written', 'overwrite-read-back', 'overwrite-removed'),
    },
  ];
}

/** What was overwritten is free space only: the keys are what the erasure of an iPhone rests on. */
function supplementaryOverwrite(evidence: readonly Seen[]): Technique[] {
  const done = overwriteOf(evidence);
  if (done.result !== 'done') return [];
  return [
    {
      technique: 'free-space-overwrite',
      method: 'Clear',
      ...overwriteWords(done),
      evidence: done.evidence,
    },
  ];
}
