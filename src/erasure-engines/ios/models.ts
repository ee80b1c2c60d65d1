/** Names of models by their ProductType, from Apple's list of models. */
const MODELS: Readonly<Record<string, string>> = {
  'iPhone7,1': 'iPhone 6 Plus',
  'iPhone7,2': 'iPhone 6',
  'iPhone8,1': 'iPhone 6s',
  'iPhone8,2': 'iPhone 6s Plus',
  'iPhone8,4': 'iPhone SE',
  'iPhone9,1': 'iPhone 7',
  'iPhone9,2': 'iPhone 7 Plus',
  'iPhone9,3': 'iPhone 7',
  'iPhone9,4': 'iPhone 7 Plus',
  'iPhone10,1': 'iPhone 8',
  'iPhone10,2': 'iPhone 8 Plus',
  'iPhone10,3': 'iPhone X',
  'iPhone10,4': 'iPhone 8',
  'iPhone10,5': 'iPhone 8 Plus',
  'iPhone10,6': 'iPhone X',
  'iPhone11,2': 'iPhone XS',
  'iPhone11,4': 'iPhone XS Max',
  'iPhone11,6': 'iPhone XS Max',
  'iPhone11,8': 'iPhone XR',
  'iPhone12,1': 'iPhone 11',
  'iPhone12,3': 'iPhone 11 Pro',
  'iPhone12,5': 'iPhone 11 Pro Max',
  'iPhone12,8': 'iPhone SE (2nd generation)',
  'iPhone13,1': 'iPhone 12 mini',
  'iPhone13,2': 'iPhone 12',
  'iPhone13,3': 'iPhone 12 Pro',
  'iPhone13,4': 'iPhone 12 Pro Max',
  'iPhone14,2': 'iPhone 13 Pro',
  'iPhone14,3': 'iPhone 13 Pro Max',
  'iPhone14,4': 'iPhone 13 mini',
  'iPhone14,5': 'iPhone 13',
  'iPhone14,6': 'iPhone SE (3rd generation)',
  'iPhone14,7': 'iPhone 14',
  'iPhone14,8': 'iPhone 14 Plus',
  'iPhone15,2': 'iPhone 14 Pro',
  'iPhone15,3': 'iPhone 14 Pro Max',
  'iPhone15,4': 'iPhone 15',
  'iPhone15,5': 'iPhone 15 Plus',
  'iPhone16,1': 'iPhone 15 Pro',
  'iPhone16,2': 'iPhone 15 Pro Max',
  'iPhone17,1': 'iPhone 16 Pro',
  'iPhone17,2': 'iPhone 16 Pro Max',
  'iPhone17,3': 'iPhone 16',
  'iPhone17,4': 'iPhone 16 Plus',
  'iPhone17,5': 'iPhone 16e',
};

/** The name a buyer knows, or the ProductType itself for a model that is not listed. Pure. */
export function modelName(productType: string | null): string | null {
  return productType === null ? null : (MODELS[productType] ?? productType);
}

/** First number of a ProductType with FeliCa in every model sold anywhere, as Apple said at the launch of iPhone 8. */
const FELICA_EVERYWHERE = 10;
/** iPhone 7: FeliCa in the models sold in Japan alone. */
const FELICA_IN_JAPAN = 9;

/** Whether the model has a FeliCa applet in its secure element. Pure. */
export function felicaOfModel(
  productType: string | null,
  regionInfo: string | null,
): 'present' | 'unknown' {
  const generation = generationOf(productType);
  if (generation === null) return 'unknown';
  if (generation >= FELICA_EVERYWHERE) return 'present';
  return generation === FELICA_IN_JAPAN && regionInfo === 'J/A' ? 'present' : 'unknown';
}

/** The first number of `iPhone12,1`. Pure. */
export function generationOf(productType: string | null): number | null {
  const digits = /^iPhone(\d{1,3}),\d{1,3}$/.exec(productType ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
