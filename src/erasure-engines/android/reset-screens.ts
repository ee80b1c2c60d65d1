/** One button on the way through a maker's reset screens. Ids are compared whole, texts without case. */
export interface ScreenStep {
  readonly name: string;
  readonly ids: readonly string[];
  readonly texts: readonly string[];
  /** The button after which there is no way back. */
  readonly final: boolean;
}

export interface ScreenRecipe {
  readonly name: string;
  /** Matched against manufacturer and brand; null fits every maker. */
  readonly maker: RegExp | null;
  /** Only views of these packages are ever tapped. */
  readonly packages: readonly string[];
  readonly steps: readonly ScreenStep[];
}

/** Intents that open the reset screen or its menu, best first. */
export const RESET_ACTIONS = [
  'com.android.settings.action.FACTORY_RESET',
  'android.settings.BACKUP_AND_RESET_SETTINGS',
  'android.settings.PRIVACY_SETTINGS',
] as const;

/** Boxes that widen what the reset erases: ticked where they are shown and not ticked. */
export const WIDENING_BOXES = [
  'com.android.settings:id/erase_esim',
  'com.android.settings:id/erase_external',
] as const;

const SETTINGS = 'com.android.settings';
const id = (name: string) => `${SETTINGS}:id/${name}`;

const AOSP_MENU = [
  'Erase all data (factory reset)',
  'Factory data reset',
  'すべてのデータを消去(出荷時リセット)',
  'すべてのデータを消去（出荷時リセット）',
  'すべてのデータを消去(初期設定にリセット)',
  'すべてのデータを消去（初期設定にリセット）',
  'データの初期化',
];

/**
 * Recipes by maker, most special first. Ids and texts of AOSP packages/apps/Settings (main_clear.xml,
 * main_clear_confirm.xml and strings.xml; `master_clear` until Android 10, `main_clear` since) and of Samsung's One UI.
 */
export const RESET_SCREENS: readonly ScreenRecipe[] = [
  {
    name: 'samsung',
    maker: /samsung/i,
    packages: [SETTINGS],
    steps: [
      {
        name: 'menu',
        ids: [],
        texts: ['Factory data reset', '工場出荷状態に初期化', '端末の初期化'],
        final: false,
      },
      {
        name: 'initiate',
        ids: [id('initiate_master_clear'), id('initiate_main_clear')],
        texts: ['Reset', 'リセット', '初期化'],
        final: false,
      },
      {
        name: 'execute',
        ids: [id('execute_master_clear'), id('execute_main_clear')],
        texts: ['Delete all', '全て削除', 'すべて削除', '全て消去'],
        final: true,
      },
    ],
  },
  {
    name: 'aosp',
    maker: null,
    packages: [SETTINGS],
    steps: [
      { name: 'menu', ids: [], texts: AOSP_MENU, final: false },
      {
        name: 'initiate',
        ids: [id('initiate_main_clear'), id('initiate_master_clear')],
        texts: [
          'Erase all data',
          'Reset phone',
          'すべてのデータを消去',
          '携帯端末をリセット',
          'モバイル端末をリセット',
        ],
        final: false,
      },
      {
        name: 'execute',
        ids: [id('execute_main_clear'), id('execute_master_clear')],
        texts: ['Erase all data', 'Erase everything', 'すべてのデータを消去', 'すべて消去'],
        final: true,
      },
    ],
  },
];
