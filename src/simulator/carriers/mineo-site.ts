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

const CHARSET = 'UTF-8';
const TITLE = 'ネットワーク利用制限端末の確認';
const HOME = '/info/';
const FORM = 'GNS010101GNS010101_Init';
const GLYPHS = { circle: '○', triangle: '△', cross: '×', dash: '－', odd: '…' } as const;
const WORDS = {
  circle: '制限の対象ではありません',
  triangle: '制限の対象となる可能性があります',
  cross: '制限中です',
  dash: 'mineoで販売した端末ではありません',
  odd: 'しばらくお待ちください',
} as const;

/** mineo: the form is sent, and its answer stands on a page of its own that only the session knows. */
export function mineoSite(): Site {
  const sessions = new Sessions('MINEOSESSION');
  return {
    home: HOME,
    charset: CHARSET,
    reply(request, state) {
      const session = sessions.idOf(request);
      if (request.path === `${HOME}${FORM}.action`) {
        return page(CHARSET, formPage(), session ? [] : [sessions.open().cookie]);
      }
      const imei = request.form.get('imei') ?? '';
      if (request.path === `${HOME}GNS010101GNS010101_Search.action` && session) {
        sessions.keep(session, imei);
        return redirect(303, 'GNS010101GNS010101_Result.action');
      }
      const asked = session ? sessions.value(session) : '';
      if (request.path === `${HOME}GNS010101GNS010101_Result.action` && asked !== '') {
        return page(CHARSET, mineoResultPage(asked, state));
      }
      return notFound(CHARSET);
    },
  };
}

function formPage(): string {
  return htmlPage(
    CHARSET,
    TITLE,
    `<form id="${FORM}" name="${FORM}" action="${HOME}GNS010101GNS010101_Search.action" method="post">
<input type="text" name="imei" maxlength="15" value="" id="${FORM}_imei"/>
<input type="hidden" name="struts.token.name" value="token"/>
<input type="submit" value="検索"/>
</form>`,
  );
}

/** The page that answers one question. */
export function mineoResultPage(imei: string, state: SiteState): string {
  const mark = state.markOf(imei);
  const table = state.drift ? 'table_basic02' : 'table_basic01';
  return htmlPage(
    CHARSET,
    TITLE,
    `<table class="${table}">
<tr><th>IMEI</th><td>${imei}</td></tr>
<tr><th>状態</th><td>${GLYPHS[mark]}　${WORDS[mark]}</td></tr>
</table>
${state.legend ? legendHtml(GLYPHS) : ''}`,
  );
}
