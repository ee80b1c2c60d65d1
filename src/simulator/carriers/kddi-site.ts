import { randomBytes } from 'node:crypto';
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
const TITLE = 'ネットワーク利用制限携帯電話機照会';
const HOME = '/cmn/WCV009001/';
const GLYPHS = { circle: '○', triangle: '△', cross: '×', dash: '－', odd: '？' } as const;
const WORDS = {
  circle: 'ネットワーク利用制限の対象ではありません。',
  triangle: '分割支払金のお支払いが残っています。',
  cross: 'ネットワーク利用制限中です。',
  dash: 'データに登録がありません。',
  odd: '照会できませんでした。',
} as const;

/** au and UQ: a first visit is sent round once to set its cookie, and the form has a token that holds once. */
export function kddiSite(): Site {
  const sessions = new Sessions('JSESSIONID');
  return {
    home: HOME,
    charset: CHARSET,
    reply(request, state) {
      const session = sessions.idOf(request);
      if (request.path === `${HOME}WCE009001.hc`) {
        if (session === null) return redirect(302, 'WCE009001.hc', [sessions.open().cookie]);
        const token = randomBytes(8).toString('hex');
        sessions.keep(session, token);
        return page(CHARSET, formPage(token));
      }
      if (request.path !== `${HOME}WCE009002.hc`) return notFound(CHARSET);
      const token = session === null ? '' : sessions.value(session);
      if (session === null || token === '' || request.form.get('_TOKEN') !== token) {
        return redirect(302, 'WCE009001.hc');
      }
      sessions.keep(session, '');
      return page(CHARSET, kddiResultPage(request.form.get('imei') ?? '', state));
    },
  };
}

function formPage(token: string): string {
  return htmlPage(
    CHARSET,
    TITLE,
    `<form name="nextForm" method="POST" action="${HOME}WCE009002.hc" enctype="application/x-www-form-urlencoded">
<input type="hidden" name="_TOKEN" value="${token}">
<input type="hidden" name="SCREEN_ID" value="WCE009001">
<input type="tel" id="imei" name="imei" maxlength="15">
<button type="submit" class="btnPrimary" name="next" value="1">次へ</button>
</form>`,
  );
}

/** The page that answers one question. */
export function kddiResultPage(imei: string, state: SiteState): string {
  const mark = state.markOf(imei);
  const details = state.drift ? 'list_contents' : 'list_details';
  return htmlPage(
    CHARSET,
    TITLE,
    `${state.legend ? legendHtml(GLYPHS) : ''}<ul class="list">
<li class="list_item"><p class="list_heading">IMEI番号</p><p class="${details}">${imei}</p></li>
<li class="list_item"><p class="list_heading">ネットワーク利用制限の状態</p><p class="${details}">${GLYPHS[mark]} ${WORDS[mark]}</p></li>
</ul>`,
  );
}
