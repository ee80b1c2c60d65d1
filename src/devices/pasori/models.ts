export const SONY = 0x054c;

export type PasoriFamily = 'rc-s380' | 'rc-s300';

export interface PasoriModel {
  readonly name: string;
  readonly family: PasoriFamily;
}

/** By product id. Source: nfcpy clf/rcs380.py; the CCID driver project's list of readers for the RC-S300. */
const MODELS: ReadonlyMap<number, PasoriModel> = new Map([
  [0x06c1, { name: 'RC-S380/S', family: 'rc-s380' }],
  [0x06c3, { name: 'RC-S380/P', family: 'rc-s380' }],
  [0x0dc8, { name: 'RC-S300/S', family: 'rc-s300' }],
  [0x0dc9, { name: 'RC-S300/P', family: 'rc-s300' }],
]);

/** null: not a reader that is known here. */
export function modelOf(vendorId: number, productId: number): PasoriModel | null {
  return vendorId === SONY ? (MODELS.get(productId) ?? null) : null;
}
