import { SarachiError } from '../../errors.js';
import type { Log } from '../../log.js';
import { isKnown } from '../conditional.js';
import type { App } from '../context.js';
import { sendRaw } from '../document.js';
import type { PanelFile } from '../panel-files.js';

/** Scripts, styles, fonts and data from here alone; nothing inline, nothing made from text, no frame, no form. */
const PANEL_POLICY = [
  "default-src 'none'",
  ...['script-src', 'style-src', 'img-src', 'font-src', 'connect-src'].map(
    (kind) => `${kind} 'self'`,
  ),
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The panel: one page and its files. */
export function panelRoutes(app: App, files: readonly PanelFile[] | null, log: Log): void {
  if (files === null) log.warn('the panel is not built: run npm run build');
  for (const { name, type, bytes, etag } of files ?? []) {
    const url = name === '' ? '/' : `/panel/${name}`;
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      reply.header('content-security-policy', PANEL_POLICY);
      if (isKnown(request.headers['if-none-match'], etag, reply)) return reply;
      // A font is large and never changes under its name.
      if (type.startsWith('font/')) reply.header('cache-control', 'public, max-age=2592000');
      sendRaw(reply, type, bytes);
      return reply;
    });
  }
  if (files !== null) return;
  app.get('/', { schema: { hide: true } }, async () => {
    throw new SarachiError('not-found', { detail: 'the panel is not built: run npm run build' });
  });
}
