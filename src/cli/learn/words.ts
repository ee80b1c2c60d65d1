import type { Walk, WalkWord } from './walk.js';

/** One word to the person at the rack, in Japanese and English, as one line. */
export function wordLine(word: WalkWord, { learned, count }: Walk): string {
  const [ja, en] = inBoth(word, count);
  const paths =
    word.say === 'learned'
      ? ` [${learned.find(({ port }) => port === word.port)?.usbPaths.join(' + ') ?? ''}]`
      : '';
  return `${ja} / ${en}${paths}\n`;
}

function inBoth(word: WalkWord, count: number): readonly [ja: string, en: string] {
  switch (word.say) {
    case 'next':
      return word.pass === 1
        ? [`${word.port}に挿してください`, `plug the phone into ${word.port}`]
        : [
            `確認（2周目）：${word.port}に挿してください`,
            `second walk: plug the phone into ${word.port}`,
          ];
    case 'learned':
      return [`${word.port}を記録しました。抜いてください`, `${word.port} learned, unplug`];
    case 'verified':
      return [`${word.port}は一致しました。抜いてください`, `${word.port} agrees, unplug`];
    case 'already':
      return [`そこは${word.port}として記録済みです`, `that is ${word.port} already`];
    case 'mismatch':
      return [
        `${word.port}のはずですが、${word.seen}です。抜いて${word.port}に挿し直してください。場所が合っていればCtrl-Cで中止し、最初からやり直してください`,
        `this should be ${word.port} and is ${word.seen}: put it into ${word.port}; if it is there, press Ctrl-C and begin again`,
      ];
    case 'other-device':
      return ['別の機器です。無視しました', 'another device, passed over'];
    case 'two-devices':
      return ['先に挿した場所から抜いてください', 'unplug the other one first'];
    case 'done':
      return [`${count}ポートすべて一致しました`, `all ${count} ports agree`];
  }
}
