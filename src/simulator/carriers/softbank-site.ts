import { Sessions } from './sessions.js';
import { htmlPage, legendHtml, notFound, page, type Site, type SiteState } from './site.js';

const CHARSET = 'Shift_JIS';
const TITLE = 'ネットワーク利用制限携帯電話機の確認';
const HOME = '/WBF/';
const BUTTON = ' 確 認 ';
const GLYPHS = { circle: '○', triangle: '▲', cross: '×', dash: '－', odd: '■' } as const;
const HIDDEN = {
  _PageID: 'WBF001000',
  _DataStoreID: 'DSWBF100Control',
  _ControlID: 'WBF100Control',
  _ActionID: 'TE001',
} as const;

/** SoftBank: one address, told what to do by its hidden fields; the filled triangle; the mark in large grey type. */
export function softbankSite(): Site {
  const sessions = new Sessions('WBFSESSION');
  return {
    home: HOME,
    charset: CHARSET,
    reply(request, state) {
      if (request.path !== `${HOME}icv`) return notFound(CHARSET);
      const session = sessions.idOf(request);
      const complete =
        Object.entries(HIDDEN).every(([name, value]) => request.form.get(name) === value) &&
        request.form.get('ACT_TE001') === BUTTON;
      const imei = request.form.get('imei') ?? '';
      if (request.method === 'POST' && session && complete && /^[0-9]{15}$/.test(imei)) {
        return page(CHARSET, softbankResultPage(imei, state));
      }
      return page(CHARSET, formPage(), session ? [] : [sessions.open().cookie]);
    },
  };
}

function formPage(): string {
  const hidden = Object.entries(HIDDEN).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
  );
  return htmlPage(
    CHARSET,
    TITLE,
    `<form method="post" action="icv">
${hidden.join('\n')}
<input type="text" name="imei" size="20" maxlength="15">
<input type="reset" value="クリア">
<input type="submit" name="ACT_TE001" value="${BUTTON}">
</form>`,
  );
}

/** The page that answers one question. */
export function softbankResultPage(imei: string, state: SiteState): string {
  const glyph = GLYPHS[state.markOf(imei)];
  const mark = state.drift
    ? `<p class="mark">${glyph}</p>`
    : `<font size="8" color="#666666">${glyph}</font>`;
  return htmlPage(
    CHARSET,
    TITLE,
    `<table><tr><td><font size="3">製造番号</font></td><td><font size="3">${imei}</font></td></tr></table>
<p align="center">${mark}</p>
${state.legend ? legendHtml(GLYPHS) : ''}`,
  );
}
