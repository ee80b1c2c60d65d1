import { htmlPage, page, type SiteReply } from './site.js';

/** How a site behaves: `legend` and `drift` still answer; the others stand in the way of every page. */
export const CARRIER_MODES = [
  'normal',
  'legend',
  'drift',
  'captcha',
  'maintenance',
  'slow',
  '503',
  '429',
  'ban',
] as const;
export type CarrierMode = (typeof CARRIER_MODES)[number];

/** The page that stands in the way, or null. */
export function troublePage(mode: CarrierMode, charset: string): SiteReply | null {
  switch (mode) {
    case 'normal':
    case 'legend':
    case 'drift':
    case 'slow':
      return null;
    case 'captcha':
      return page(charset, captchaPage(charset));
    case 'maintenance':
      return page(charset, plain(charset, 'ただいまシステムメンテナンス中です。'));
    case '503':
      return { ...page(charset, plain(charset, 'Service Unavailable')), status: 503 };
    case '429':
      return { ...page(charset, plain(charset, 'Too Many Requests')), status: 429 };
    case 'ban':
      return { ...page(charset, plain(charset, 'アクセスを制限しています。')), status: 403 };
  }
}

function plain(charset: string, text: string): string {
  return htmlPage(charset, 'お知らせ', `<p>${text}</p>`);
}

/** The moving picture that docomo once asked about, around the form that it still accepts. */
function captchaPage(charset: string): string {
  return htmlPage(
    charset,
    '画像認証',
    `<form action="search.php" method="post"><img src="/gifcat/call.php" alt="">
<input type="text" name="attestationkey"><input type="text" name="productno"><input type="text" name="imei">
<input type="submit" value="送信"></form>`,
  );
}
