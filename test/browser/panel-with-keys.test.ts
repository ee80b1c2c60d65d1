import t from 'tap';
import { changeKeyFile, keyFileOf } from '../../src/http/access/key-store.js';
import { createHttpServer } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { keyed } from '../http/keyed-app.js';
import { MemoryRack } from '../http/memory-rack.js';
import { PANEL } from '../http/test-app.js';
import { fresh, open, picture, seriousFaults, startBrowser } from './browser.js';
import { textOf } from './in-page.js';

t.setTimeout(300_000);

t.test('the panel of a rack that asks for keys', async (t) => {
  const browser = await startBrowser(t);
  const { access, keys, state, idOf } = await keyed(t);
  const rack = new MemoryRack();
  rack.staleAfter = 1;
  rack.validationState = 'waiting';
  const server = createHttpServer(rack, {
    ...{ host: '127.0.0.1', port: 0, log: createLog('silent'), version: '0.1.0' },
    ...{ panel: PANEL, access },
  });
  t.teardown(() => server.close());
  const { url } = await server.listen();
  const { page, complaints } = await open(browser, url);
  const give = async (key: string) => {
    await page.fill('#key', key);
    await page.keyboard.press('Enter');
  };
  const leave = async () => {
    await page.click('.settings summary');
    await page.click('[data-action="leave"]');
    await page.waitForSelector('#key');
  };

  await t.test('without a key it asks for one and shows nothing', async (t) => {
    await page.waitForSelector('#key');
    t.match(await textOf(page.locator('main')), /キーが必要です/);
    t.equal(await page.locator('.tile, .port-head, .dead-man').count(), 0);
    t.match(await page.title(), /キー/);
    t.same(await seriousFaults(page), []);
    await picture(page, 'key-asked');
  });

  await t.test('what is no key, or one that does not count, is refused in words', async (t) => {
    await give('さらち');
    t.match(await textOf(page.locator('#key-said')), /形が正しくありません/);
    await give(keys['expired key']);
    await page.locator('#key-said', { hasText: '401' }).waitFor();
    t.match(await textOf(page.locator('#key-said')), /有効なキーが付いていません/);
    t.equal(await page.locator('.tile').count(), 0);
  });

  await t.test('a viewer sees the rack, and no way to act or to read identifiers', async (t) => {
    await give(` ${keys.viewer}\n`);
    await fresh(page);
    await page.waitForSelector('#tile-P02');
    t.equal(await page.locator('#key').count(), 0);
    t.equal(await page.locator('nav a[href*="history"]').count(), 0);
    await page.goto(`${url}/#/port/P02`);
    await page.waitForSelector('.port-head');
    t.equal(await page.locator('.actions > .buttons button, .confirm').count(), 0);
    t.equal(await page.locator('.run').count(), 0);
    const kept = 'JSON.stringify([localStorage, sessionStorage, document.cookie])';
    t.notMatch(await page.evaluate(kept), keys.viewer.slice(0, 20), 'no script can read the key');
    await leave();
  });

  await t.test('an operator acts under the name of the key', async (t) => {
    await give(keys.operator);
    await page.goto(`${url}/#/port/P01`);
    await page.click('[data-action="hold"]');
    await page.locator('.said', { hasText: '受け付けました' }).waitFor();
    t.match(rack.acts.at(-1), { port: 'P01', request: { by: idOf(keys.operator) } });
    await page.goto(`${url}/#/run/run-1`);
    await page.waitForSelector('.validation[data-state="waiting"]');
    t.equal(await page.locator('[data-action="accept"]').count(), 0, 'that is for a second person');
    await leave();
  });

  await t.test('a verifier accepts what another person erased', async (t) => {
    await give(keys.verifier);
    await fresh(page);
    await page.goto(`${url}/#/run/run-1`);
    await page.waitForSelector('[data-action="accept"]');
    t.same(await seriousFaults(page), []);
    await picture(page, 'validation', true);
    await page.click('[data-action="accept"]');
    await page.waitForSelector('.validation[data-state="accepted"]');
    t.match(rack.validation, { decision: 'accept', person: 'verifier' });
  });

  await t.test('a key that is revoked takes everything from the screen', async (t) => {
    const id = idOf(keys.verifier);
    const revokedAt = new Date().toISOString();
    await changeKeyFile(keyFileOf(state), (all) =>
      all.map((one) => (one.id === id ? { ...one, revokedAt } : one)),
    );
    await page.waitForSelector('#key', { timeout: 20_000 });
    t.equal(await page.locator('.validation, .tile').count(), 0);
  });
  t.same(complaints, []);
});
