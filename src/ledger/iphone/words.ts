import type { Both } from '../certificate-schema.js';

/** On what the words of NIST rest where the handset is an iPhone. */
export const IPHONE_CAVEAT: Both = {
  ja: '「Purge(暗号消去)」は、iOSがデータ領域を常に暗号化しているという機種の仕様と、端末が示した消去の徴候に基づく。鍵の複製や暗号実装の欠陥がないことは本装置では確かめられない。「Clear」(上書き)は空き領域への補助の処置であり、消去そのものではない。',
  en: 'Purge (cryptographic erase) rests on the model, whose iOS keeps its data encrypted, and on the signs of the erase that the handset showed; copies of keys and flaws of its implementation cannot be excluded from outside. Clear (the overwrite) treats free space in addition and is not the erasure itself.',
};
