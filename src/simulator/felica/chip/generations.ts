/** Command codes as they stand on the air; an answer has the code of its command plus one. */
export const COMMAND = {
  polling: 0x00,
  requestService: 0x02,
  requestResponse: 0x04,
  read: 0x06,
  write: 0x08,
  searchServiceCode: 0x0a,
  requestSystemCode: 0x0c,
  requestBlockInfo: 0x0e,
  requestCodeList: 0x1a,
  requestBlockInfoEx: 0x1e,
  issueInfo: 0x22,
  productInfo: 0x3a,
  containerId: 0x70,
} as const;

export interface Generation {
  /** PMm, 16 hex digits: ROM, IC and the six bytes of the slowest answers. */
  readonly pmm: string;
  readonly isMobile: boolean;
  readonly commands: ReadonlySet<number>;
  /** What a polling with request code 02 gets, 4 hex digits; null: the request data is missing. */
  readonly performance: string | null;
  readonly knowsAllAttributes: boolean;
}

const CARD: readonly number[] = [
  COMMAND.polling,
  COMMAND.requestService,
  COMMAND.requestResponse,
  COMMAND.read,
  COMMAND.write,
  COMMAND.searchServiceCode,
  COMMAND.requestSystemCode,
];
const OLD_MOBILE = [...CARD, COMMAND.requestBlockInfo];
const MOBILE_3 = [
  ...OLD_MOBILE,
  COMMAND.requestCodeList,
  COMMAND.requestBlockInfoEx,
  COMMAND.issueInfo,
];
const MOBILE_41 = [...MOBILE_3, COMMAND.productInfo, COMMAND.containerId];
const APPLE = [...CARD, COMMAND.issueInfo, COMMAND.productInfo];
const LITE = [COMMAND.polling, COMMAND.read, COMMAND.write];

function mobile(ic: string, commands: readonly number[]): Generation {
  return {
    pmm: `01${ic}8b868fbecbff`,
    isMobile: true,
    commands: new Set(commands),
    performance: '0083',
    knowsAllAttributes: true,
  };
}

function card(pmm: string, commands: readonly number[] = CARD): Generation {
  return {
    pmm,
    isMobile: false,
    commands: new Set(commands),
    performance: null,
    knowsAllAttributes: false,
  };
}

/**
 * The chips that differ over the air. IC 16 and 18 answer what is tabled of real phones (felica-tool, README), except
 * what no survey sends; the PMm of 18 and the cards' are published ones, the other phones' are that of 18 with their IC.
 */
export const GENERATIONS = {
  'mobile-1.1': mobile('07', OLD_MOBILE),
  'mobile-2.0': mobile('13', OLD_MOBILE),
  'mobile-3.0': mobile('14', MOBILE_3),
  'mobile-4.0': mobile('17', [...MOBILE_3, COMMAND.productInfo]),
  'mobile-4.1': mobile('18', MOBILE_41),
  apple: mobile('16', APPLE),
  'card-edy': card('03014b024f4993ff'),
  'card-suica': card('100b4b428485d0ff'),
  'card-ndef': card('0f0d23042f7783ff'),
  'card-lite-s': card('00f1000000014300', LITE),
} as const satisfies Readonly<Record<string, Generation>>;

export type GenerationName = keyof typeof GENERATIONS;
