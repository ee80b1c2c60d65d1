import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { floorPlanOf } from '../../src/http/floor-plan.js';
import { createHttpServer } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { MemoryRack } from '../http/memory-rack.js';
import { PANEL } from '../http/test-app.js';
import { World } from '../support/world.js';
import { freePort, fresh, look, picture, seriousFaults, startBrowser } from './browser.js';
import { focusedId, language, pageWidth, searchesFor35, styleOf, textOf } from './in-page.js';

const HOSTILE = '<img src=x onerror=alert(1)>\u202egnp.exe<script>alert(2)</script>'.padEnd(
  1_000,
  'x',
);
const IMEI = '356938030000005';

t.setTimeout(600_000);

async function otherRack() {
  const rack = new MemoryRack();
  const server = createHttpServer(rack, {
    ...{ host: '127.0.0.1', port: 0, log: createLog('silent'), version: '0.1.0' },
    panel: { ...PANEL, plan: floorPlanOf(OTHER) },
  });
  const { url } = await server.listen();
  return { rack, server, url };
}

const OTHER = {
  ...{ id: 'rack-1', controllers: { A: { concurrency: 10 } }, numbering: 'rows' as const },
  ports: { P01: { usb: ['1-1'], controller: 'A' }, P02: { usb: ['1-2'], controller: 'A' } },
};

t.test('the panel on the real daemon', async (t) => {
  const browser = await startBrowser(t);
  const other = await otherRack();
  t.teardown(() => other.server.close());
  const port = await freePort();
  const world = await World.start(t, {
    config: {
      http: { port },
      policy: { acceptFelicaDeclaration: true },
      panel: { racks: [{ name: '2号機', url: `${other.url}/`, keyFile: null }] },
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const reset = { profile: 'google-pixel-7-android-16', condition: 'already-reset' } as const;
  await world.plug('P01', { spec: { ...reset, imeis: [IMEI, '356938030000013'] } });
  const inUse = 'in-use' as const;
  await world.plug('P02', { spec: { profile: 'sharp-sh-53c', condition: inUse } });
  await world.plug('P13', {
    spec: { profile: 'google-pixel-7', condition: inUse, frpLocked: true },
  });
  await world.plug('P24', {
    spec: { profile: 'google-pixel-3a', condition: inUse, battery: { level: 9 } },
  });
  await world.plug('P35', {
    spec: {
      ...{ profile: 'google-pixel-7' as const, condition: inUse, battery: { level: 9 } },
      profileChanges: { model: HOSTILE },
    },
  });
  const { page, complaints } = await look(browser, url);

  await t.test('forty ports stand as on the floor, each with number, shape and word', async (t) => {
    await page.waitForSelector('.tile');
    t.equal(await page.locator('.tile').count(), 40);
    const places = await Promise.all(
      ['P01', 'P10', 'P11', 'P40'].map((name) => page.locator(`#tile-${name}`).boundingBox()),
    );
    const [first, tenth, eleventh, last] = places;
    if (!first || !tenth || !eleventh || !last) throw new Error('a tile is nowhere');
    t.equal(Math.round(first.y), Math.round(tenth.y), 'one row');
    t.equal(Math.round(first.x), Math.round(eleventh.x), 'one column');
    t.ok(first.x < tenth.x && first.y < eleventh.y && last.y > eleventh.y);
    t.ok(last.x + last.width <= 1920, 'nothing runs out of the wall');
    t.equal(await page.locator('.tile .shape').count(), 40);
    const words = await page.locator('.tile-word').allInnerTexts();
    t.ok(
      words.every((word) => /^[ぁ-んァ-ヶー一-龠]{2,6}$/.test(word)),
      words.join(),
    );
    const size = Number.parseFloat(
      await styleOf(page.locator('#tile-P03 .tile-number'), 'fontSize'),
    );
    t.ok(size >= 36, `numbers of ${size} px`);
  });

  await t.test('what is to be done is said in full, where it is to be done', async (t) => {
    await world.atRest('P13');
    await world.atRest('P24');
    await world.atRest('P02');
    await world.atRest('P35');
    await world.settled('P01');
    await page.waitForSelector('#tile-P01[data-light="passed"]');
    await page.waitForSelector('#tile-P13[data-light="locked"]');
    t.match(
      await textOf(page.locator('[data-code="battery-low"]')),
      /充電してから「再試行」を押して/,
    );
    t.same(await page.locator('[data-code="battery-low"] a').allInnerTexts(), ['P24', 'P35']);
    t.match(await page.title(), /^▲4 demo$/);
    await picture(page, 'wall-ja-light');
  });

  await t.test('a filter dims the others and moves nothing', async (t) => {
    const before = await page.locator('#tile-P13').boundingBox();
    await page.locator('[data-filter="release"]').click();
    t.equal(await page.locator('.tile:not([data-dimmed])').count(), 1);
    t.same(await page.locator('#tile-P13').boundingBox(), before);
    await picture(page, 'wall-filtered');
    await page.locator('[data-filter="all"]').click();
    t.equal(await page.locator('.tile[data-dimmed]').count(), 0);
  });

  await t.test('a hostile name is text, cut short, and runs nothing', async (t) => {
    t.equal(await page.locator('#tile-P35 img, #tile-P35 script').count(), 0);
    const label = await textOf(page.locator('#tile-P35'));
    t.match(label, '<img src=x onerror=alert(1)>');
    t.ok(label.length < 300);
    t.notMatch(label, /\u202e/);
    await page.goto(`${url}/#/port/P35`);
    await page.waitForSelector('.timeline');
    t.equal(await page.locator('main img, main script').count(), 0);
    await picture(page, 'port-hostile', true);
    await page.goto(`${url}/#/`);
  });

  await t.test('by keyboard alone: along the rack, in, and out again', async (t) => {
    await page.locator('#tile-P01').focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowLeft'])
      await page.keyboard.press(key);
    t.equal(await page.evaluate(focusedId), 'tile-P12');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.port-head h1');
    t.equal(await textOf(page.locator('.port-head h1')), 'P12');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.rack');
    await page.keyboard.press('/');
    await page.waitForSelector('#search:focus');
    await page.keyboard.press('Escape');
  });

  await t.test('an attention is resolved by click, and the ledger names who did it', async (t) => {
    await page.locator('.settings summary').click();
    await page.locator('.settings input').fill('佐藤');
    await page.locator('.settings summary').click();
    await page.locator('[data-code="felica-clear-needed"] a').click();
    const confirm = page.locator('[data-action="confirm"]');
    await confirm.waitFor();
    t.ok(await confirm.isDisabled(), 'nothing is chosen beforehand');
    await picture(page, 'port-attention-ja', true);
    await page.getByLabel('FeliCaを消去しました').check();
    await confirm.click();
    await page.getByText('受け付けました').waitFor();
    await confirm.waitFor({ state: 'detached' });
    const said = (await world.ledger()).find(({ body }) => JSON.stringify(body).includes('佐藤'));
    t.match(JSON.stringify(said?.body), '"felica":"cleared"');
    await page.goto(`${url}/#/`);
    await page.waitForSelector('#tile-P02:not([data-light="act"])');
  });

  await t.test('what ends or erases is asked about once more', async (t) => {
    await page.goto(`${url}/#/port/P24`);
    await page.locator('[data-action="abort"]').click();
    await page.locator('dialog [data-action="no"]').click();
    t.equal((await world.until('P24', () => true)).state, 'attention');
    await page.locator('[data-action="blink"]').click();
    await world.until('P24', ({ blinking }) => blinking);
    await page.locator('[data-action="abort"]').click();
    await page.locator('dialog [data-action="yes"]').click();
    await world.settled('P24');
    await page.waitForSelector('.port-head:not([data-light="act"])');
  });

  await t.test('a certificate is found by IMEI, opened and saved', async (t) => {
    await page.goto(`${url}/#/history?q=&verdict=`);
    await page.locator('#search').fill('35-693803-000000-5');
    await page.keyboard.press('Enter');
    await page.waitForFunction(searchesFor35);
    await page.locator('.table tbody tr').first().waitFor();
    t.equal(await page.locator('.table tbody tr').count(), 1);
    await picture(page, 'history-ja');
    await page.locator('.table tbody a').click();
    await page.locator('[data-action="certificate"]').click();
    const certificate = page.locator('.certificate');
    await certificate.waitFor();
    t.match(
      await textOf(certificate),
      /合格 – 出荷可[\s\S]+証明されたこと[\s\S]+証明されていないこと/,
    );
    t.match(await textOf(certificate), IMEI);
    await picture(page, 'certificate-ja', true);
    const saved = page.waitForEvent('download');
    await page.getByText('PDFを保存').click();
    t.match((await saved).suggestedFilename(), /^sarachi-certificate-.+\.pdf$/);
  });

  await t.test('queues, carriers and the other racks', async (t) => {
    await page.goto(`${url}/#/system`);
    await page.locator('.queue').first().waitFor();
    t.match(await textOf(page.locator('.queues')), /コントローラー A/);
    await page.locator('.health li').first().waitFor();
    await picture(page, 'system-ja', true);
    await page.goto(`${url}/#/fleet`);
    const second = page.locator('[aria-label="2号機"]');
    await second.locator('.mini-tile[data-light="act"]').waitFor();
    await picture(page, 'fleet-ja');
    await other.server.close();
    await second.locator('.mini-tile[data-light="stale"]').first().waitFor({ timeout: 10_000 });
    t.equal(await second.locator('.mini-tile:not([data-light="stale"])').count(), 0);
    t.match(await textOf(second), /応答がありません/);
    await picture(page, 'fleet-one-silent');
    await page.goto(`${url}/#/`);
  });

  await t.test('English at a click, and back', async (t) => {
    await page.locator('.language').click();
    await page.getByText('To do now').waitFor();
    t.equal(await page.evaluate(language), 'en');
    t.equal(await textOf(page.locator('#tile-P01 .tile-word')), 'PASSED');
    t.match(await textOf(page.locator('[data-code="battery-low"]')), /then press Retry/);
    await picture(page, 'wall-en-light');
    await page.reload();
    await fresh(page);
    t.equal(await page.evaluate(language), 'en', 'and it is kept');
    await page.locator('.language').click();
    await page.getByText('対応してください').waitFor();
  });

  await t.test('axe finds nothing serious, by day, by night and on a phone', async (t) => {
    const shown = [
      { name: 'light', options: { colorScheme: 'light' } },
      { name: 'dark', options: { colorScheme: 'dark' } },
      {
        name: 'phone',
        options: { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 2 },
      },
    ] as const;
    for (const { name, options } of shown) {
      const { page: another, complaints: heard } = await look(browser, url, options);
      for (const place of ['', 'port/P13', 'port/P01', 'history', 'system', 'fleet']) {
        await another.goto(`${url}/#/${place}`);
        await delay(700);
        t.same(await seriousFaults(another), [], `${name} ${place}`);
        const wide = await another.evaluate(pageWidth);
        t.ok(wide <= (another.viewportSize()?.width ?? 0), `${name} ${place}: nothing sticks out`);
      }
      await another.goto(`${url}/#/`);
      await another.waitForSelector('.tile');
      await picture(another, `wall-ja-${name}`, name === 'phone');
      t.same(heard, [], name);
      await another.context().close();
    }
  });

  t.same(complaints, [], 'the page complained of nothing and asked nobody else');
});
