import iconv from 'iconv-lite';

/** The carriers that have a page of their own. */
export const SIMULATED_CARRIERS = ['docomo', 'kddi', 'softbank', 'rakuten', 'mineo'] as const;
export type SimulatedCarrier = (typeof SIMULATED_CARRIERS)[number];

/** What a carrier prints about one handset; `odd` is a mark that nobody has seen before. */
export type SimulatedMark = 'circle' | 'triangle' | 'cross' | 'dash' | 'odd';

/** One request as a site sees it. */
export interface SiteRequest {
  readonly method: string;
  readonly path: string;
  readonly cookies: ReadonlyMap<string, string>;
  readonly form: ReadonlyMap<string, string>;
}

export interface SiteReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** What a site prints at the moment of one request. */
export interface SiteState {
  readonly markOf: (imei: string) => SimulatedMark;
  /** Explains all marks on every result page. */
  readonly legend: boolean;
  /** The page was made anew since anybody looked. */
  readonly drift: boolean;
}

/** One carrier's site. */
export interface Site {
  /** The folder that all its pages stand in. */
  readonly home: string;
  readonly charset: string;
  reply(request: SiteRequest, state: SiteState): SiteReply;
}

/** A page in the charset of its site, which only the page itself declares, as many old sites do. */
export function page(charset: string, html: string, cookies: readonly string[] = []): SiteReply {
  return {
    status: 200,
    headers: { 'content-type': 'text/html', ...withCookies(cookies) },
    body: iconv.encode(html, charset),
  };
}

export function redirect(
  status: number,
  location: string,
  cookies: readonly string[] = [],
): SiteReply {
  return { status, headers: { location, ...withCookies(cookies) }, body: Buffer.alloc(0) };
}

export function json(status: number, document: unknown): SiteReply {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: Buffer.from(JSON.stringify(document)),
  };
}

export function notFound(charset: string): SiteReply {
  const html = htmlPage(charset, 'ページが見つかりません', '<p>お探しのページはありません。</p>');
  return { ...page(charset, html), status: 404 };
}

/** A whole page around its content. */
export function htmlPage(charset: string, title: string, content: string): string {
  return `<!DOCTYPE html>
<html lang="ja">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=${charset}">
<title>${title}</title>
<script>var marks = '○△×－';</script>
</head>
<body>
<div id="header"><h1>${title}</h1></div>
<div id="content">
${content}
</div>
<div id="footer"><p>データは毎日更新されます。</p></div>
</body>
</html>
`;
}

/** The words beside each mark, and all marks at once: what a scraper that searches the page would fall for. */
export function legendHtml(
  glyphs: Readonly<Record<Exclude<SimulatedMark, 'odd'>, string>>,
): string {
  return `<dl class="legend">
<dt>${glyphs.circle}</dt><dd>利用制限はありません</dd>
<dt>${glyphs.triangle}</dt><dd>利用制限となる場合があります</dd>
<dt>${glyphs.cross}</dt><dd>利用制限されています</dd>
<dt>${glyphs.dash}</dt><dd>登録がありません</dd>
</dl>
<p>結果は${glyphs.circle}・${glyphs.triangle}・${glyphs.cross}・${glyphs.dash}で表示されます。</p>
`;
}

function withCookies(cookies: readonly string[]): Record<string, readonly string[]> {
  return cookies.length === 0 ? {} : { 'set-cookie': cookies };
}
