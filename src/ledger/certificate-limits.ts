import type { Platform } from '../handset.js';
import { carrierChecksOf } from './certificate-carriers.js';
import { contradicted, holds, placesOf, rangesIn } from './certificate-evidence.js';
import type { CertificateFacts } from './certificate-facts.js';
import { overwriteOf } from './certificate-overwrite.js';
import { resetSignals } from './certificate-reset.js';
import { esimOf, felicaOf, jpkiOf } from './certificate-residues.js';
import type { Both, NotProved } from './certificate-schema.js';
import { PROOF_WORDS, proofWords } from './evidence-words.js';
import { IN_USE, limitsOfIphone } from './iphone/limits.js';

type Limit = Pick<NotProved, 'id' | 'ja' | 'en'>;

/** What no erasure from outside reaches on any handset. */
const ALWAYS: readonly Limit[] = [
  {
    id: 'over-provisioned-flash',
    ja: 'フラッシュの予備領域と差し替え済みの不良ブロック(外から届かない)',
    en: 'Over-provisioned flash and remapped blocks, which cannot be addressed from outside.',
  },
  {
    id: 'other-partitions',
    ja: '利用者データ以外のパーティション(システム、モデム、保護領域)の内容',
    en: 'Partitions other than user data: system, modem, protected memory.',
  },
  {
    id: 'secure-element',
    ja: 'セキュアエレメント内のデータ',
    en: 'Data inside the secure element.',
  },
  {
    id: 'removable-media',
    ja: 'SIMカードおよびメモリーカード(取り外しは人が確認する)',
    en: 'SIM and memory cards; a person must see that they were taken out.',
  },
];

/** Everything that a reader could wrongly take for proved, with the bytes that evidence names. */
export function notProvedItems(facts: CertificateFacts): NotProved[] {
  const { evidence, identity } = facts;
  const iphone = identity.platform === 'apple';
  return [
    ...notHeld(facts),
    ...missingProofs(facts),
    ...(iphone ? limitsOfIphone(evidence) : []),
    ...reservedBlocks(facts),
    ...pageCache(facts),
    ...ALWAYS.map((limit) => ({ ...limit, evidence: [], ranges: [] })),
    ...residues(facts),
  ];
}

function notHeld({ evidence, identity: { platform } }: CertificateFacts): NotProved[] {
  return contradicted(evidence)
    .filter((kind) => !(platform === 'apple' && kind === 'pairing-removed'))
    .map((kind) => {
      const words = proofWords(kind, platform) ?? PROOF_WORDS[kind];
      return {
        id: `not-held:${kind}`,
        ja: `不成立: ${words?.ja ?? kind}`,
        en: `Did not hold: ${words?.en ?? kind}`,
        evidence: placesOf(evidence, kind),
        ranges: [],
      };
    });
}

/** Whether an iPhone was left without an overwrite on purpose: it then has a limit of its own for it. */
function leftOut({ evidence, identity }: CertificateFacts): boolean {
  return identity.platform === 'apple' && overwriteOf(evidence).result === 'skipped';
}

function missingProofs(facts: CertificateFacts): NotProved[] {
  const { evidence } = facts;
  const missing: Limit[] = [];
  if (resetSignals(evidence).length === 0) {
    missing.push({ id: 'reset', ja: '初期化が行われたこと', en: 'That a reset took place.' });
  }
  if (!holds(evidence, 'overwrite-read-back') && !leftOut(facts)) {
    missing.push({
      id: 'overwrite',
      ja: '空き領域の上書きとその読み戻し照合',
      en: 'That free storage was overwritten and read back.',
    });
  }
  return missing.map((limit) => ({ ...limit, evidence: [], ranges: [] }));
}

const RESERVED: Readonly<Record<Platform, Both>> = {
  android: {
    ja: 'ファイルシステムの予約ブロックと管理領域(一般の権限では書けない)',
    en: 'Reserved blocks and metadata of the file system, which may not be written without higher rights.',
  },
  apple: {
    ja: 'iOSが空けておく予備の容量(数MBから)とファイルシステムの管理領域(ファイルとして書けない)',
    en: 'Storage that iOS keeps back (some megabytes or more) and metadata of the file system, which take no files.',
  },
};

function reservedBlocks(facts: CertificateFacts): NotProved[] {
  if (leftOut(facts)) return [];
  const { evidence, identity } = facts;
  const places = placesOf(evidence, 'not-covered');
  const ranges = places.flatMap((place) =>
    rangesIn(evidence[place]?.value ?? {})
      .filter(({ what }) => identity.platform !== 'apple' || what !== IN_USE)
      .map((range) => ({ ...range, evidence: place })),
  );
  return [
    {
      id: 'reserved-blocks',
      ...RESERVED[identity.platform],
      evidence: places,
      ranges,
    },
  ];
}

function pageCache({ evidence }: CertificateFacts): NotProved[] {
  const places = placesOf(evidence, 'overwrite-read-back', 'not-covered').filter((place) => {
    const cache = evidence[place]?.value['cache'];
    return cache !== undefined && cache !== 'exceeds-memory';
  });
  if (places.length === 0) return [];
  return [
    {
      id: 'page-cache',
      ja: '読み戻しの一部が、フラッシュではなくメモリー上の写しからであった可能性',
      en: 'Part of the read-back may have come from memory instead of the flash.',
      evidence: places,
      ranges: [],
    },
  ];
}

function residues(facts: CertificateFacts): NotProved[] {
  const named = { felica: felicaOf(facts), jpki: jpkiOf(facts), esim: esimOf(facts) };
  const open = Object.entries(named).flatMap(([id, { result, ja, en, evidence }]) =>
    result === 'not-present' && id === 'esim' ? [] : [{ id, ja, en, evidence, ranges: [] }],
  );
  return [...open, ...networkRestriction(facts)];
}

const LATER_RESTRICTION: Readonly<Record<'checked' | 'incomplete', Both>> = {
  checked: {
    ja: '確認日時より後のネットワーク利用制限',
    en: 'Network restriction after the time of each check.',
  },
  incomplete: {
    ja: '判定が得られなかった会社のネットワーク利用制限と、確認日時より後の利用制限',
    en: 'Network restriction at carriers that gave no mark, and after the time of each check.',
  },
};

/** A mark is a statement about one moment: what comes after it is open, whatever it says. */
function networkRestriction(facts: CertificateFacts): NotProved[] {
  const { status, ...said } = carrierChecksOf(facts);
  if (status === 'not-applicable') return [];
  const places = placesOf(facts.evidence, 'carrier-mark', 'carrier-check-skipped');
  const { ja, en } = status === 'not-checked' ? said : LATER_RESTRICTION[status];
  return [{ id: 'network-restriction', ja, en, evidence: places, ranges: [] }];
}
