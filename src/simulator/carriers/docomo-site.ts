import { Sessions } from './sessions.js';
import {
  htmlPage,
  legendHtml,
  notFound,
  page,
  redirect,
  type Site,
  type SiteState,
} from './site.js';

const CHARSET = 'Shift_JIS';
const TITLE = 'ネットワーク利用制限携帯電話機確認サイト';
const GLYPHS = { circle: '○', triangle: '△', cross: '×', dash: '－', odd: '◎' } as const;
const SENTENCES = {
  circle: 'ネットワーク利用制限の対象外です。',
  triangle: '利用できますが、代金債務の不履行等により利用制限となる可能性があります。',
  cross: '利用制限中です。',
  dash: 'IMEI（製造番号）が確認できません。',
  odd: '現在、確認しています。',
} as const;

/** docomo: Shift_JIS, a PHP session that begins on the first page, the number and the mark in panels of equal looks. */
export function docomoSite(): Site {
  const sessions = new Sessions('PHPSESSID');
  return {
    home: '/',
    charset: CHARSET,
    reply(request, state) {
      const session = sessions.idOf(request);
      const opened = session === null ? [sessions.open().cookie] : [];
      if (request.path === '/') return redirect(302, 'top.php');
      if (request.path === '/top.php') return page(CHARSET, topPage(), opened);
      if (request.path !== '/search.php') return notFound(CHARSET);
      if (request.method !== 'POST') return page(CHARSET, formPage(''), opened);
      if (session === null) return redirect(302, 'top.php', opened);
      const imei = request.form.get('productno') ?? '';
      const asked = /^[0-9]{15}$/.test(imei);
      return page(
        CHARSET,
        asked ? docomoResultPage(imei, state) : formPage('15桁の数字で入力してください。'),
      );
    },
  };
}

function topPage(): string {
  return htmlPage(CHARSET, TITLE, '<p><a href="search.php">確認画面へ進む</a></p>');
}

function formPage(fault: string): string {
  return htmlPage(
    CHARSET,
    TITLE,
    `<p class="error">${fault}</p>
<form action="./search.php" method="post">
<input type="text" name="productno" maxlength="15" value="">
<input type="submit" value="確認する">
</form>`,
  );
}

/** The page that answers one question. */
export function docomoResultPage(imei: string, state: SiteState): string {
  const mark = state.markOf(imei);
  const panel = state.drift ? 'outcome-box' : 'result-panel';
  return htmlPage(
    CHARSET,
    TITLE,
    `${state.legend ? legendHtml(GLYPHS) : ''}<h2>確認結果</h2>
<div class="${panel}">${imei}</div>
<div class="${panel}">
  ${GLYPHS[mark]}<br>
  ${SENTENCES[mark]}
</div>`,
  );
}
