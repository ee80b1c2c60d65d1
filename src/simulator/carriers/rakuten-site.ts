import {
  htmlPage,
  json,
  notFound,
  page,
  type Site,
  type SiteReply,
  type SiteState,
} from './site.js';

const CHARSET = 'UTF-8';
const TITLE = 'ネットワーク利用制限の確認';
const HOME = '/restriction/';
const API = `${HOME}eir/v1/rest-api/public/imei/`;
const STATUS = { circle: 0, triangle: 1, cross: 2, odd: 7 } as const;

/** Rakuten: a page that is all script, and the JSON that the script asks for. */
export function rakutenSite(): Site {
  return {
    home: HOME,
    charset: CHARSET,
    reply(request, state) {
      if (request.path === HOME) return page(CHARSET, scriptPage(state));
      const imei = request.path.startsWith(API) ? request.path.slice(API.length) : '';
      return /^[0-9]{15}$/.test(imei) ? rakutenReply(imei, state) : notFound(CHARSET);
    },
  };
}

function scriptPage(state: SiteState): string {
  const legend = state.legend
    ? '<ul><li>○ 制限なし</li><li>△ 確認中</li><li>× 制限中</li></ul>'
    : '';
  return htmlPage(
    CHARSET,
    TITLE,
    `<input type="text" id="imei"><button id="search" class="is-disabled">検索</button>
<div id="search-result"></div>${legend}<script src="app.js"></script>`,
  );
}

/** What the JSON address says of one handset. */
export function rakutenReply(imei: string, state: SiteState): SiteReply {
  const mark = state.markOf(imei);
  if (mark === 'dash') return json(404, { error: 'IMEI_NOT_FOUND' });
  const legend = state.legend ? { legend: { '0': '○', '1': '△', '2': '×' } } : {};
  const status = STATUS[mark];
  return json(200, state.drift ? { result: { code: status }, ...legend } : { status, ...legend });
}
