import t from 'tap';
import type { Evidence } from '../../src/evidence.js';
import type { RunDetail, RunQuery } from '../../src/http/rack-api.js';
import { createHttpServer } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { lightNamed } from '../../src/ports/light.js';
import { MemoryRack } from '../http/memory-rack.js';
import { PANEL } from '../http/test-app.js';
import { passedFacts, signed } from '../ledger/helpers/facts.js';
import { look, picture, startBrowser } from './browser.js';
import { notIsolated, pageWidth, textOf } from './in-page.js';

t.setTimeout(300_000);

/** Stands in every hostile text, so that the page can be searched for it. */
const MARK = 'HOSTILE';
const ATTACK = `${MARK}<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>\u202egnp.exe\u2067\u0007\u009b31m\u200b\ud800 שלום`;
const NAME = `${ATTACK}${'M'.repeat(1024 * 1024)}`;

/** A rack on which nothing was cleaned: the page has to stand on its own. */
class HostileRack extends MemoryRack {
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
    const handset = { manufacturer: ATTACK, model: NAME, osVersion: ATTACK, serialMasked: ATTACK };
    const [first, second] = this.ports;
    if (!first || !second?.handset) throw new Error('two ports');
    this.ports = [first, { ...second, handset: { ...second.handset, ...handset } }];
  }

  override runs(query: RunQuery) {
    const { runs, ...page } = super.runs(query);
    return { ...page, runs: runs.map((run) => ({ ...run, model: NAME, serial: ATTACK })) };
  }

  override run(id: string): RunDetail | null {
    const run = super.run(id);
    if (!run?.identity) return run;
    const names = { manufacturer: ATTACK, model: NAME, osVersion: ATTACK, build: ATTACK };
    return { ...run, model: NAME, serial: ATTACK, identity: { ...run.identity, ...names } };
  }

  override evidence(id: string): readonly Evidence[] | null {
    const value = { name: NAME, [ATTACK]: [ATTACK] };
    return super.evidence(id)?.map((one) => ({ ...one, method: NAME, value })) ?? null;
  }

  override async certificate(): Promise<string> {
    return this.text;
  }
}

function hostileCertificate(): string {
  const whole = signed(passedFacts());
  const device = { ...whole.certificate.device, manufacturer: ATTACK, model: NAME, serial: ATTACK };
  return JSON.stringify({ ...whole, certificate: { ...whole.certificate, device } });
}

t.test('names that nobody cleaned are text, isolated and cut, on every page', async (t) => {
  const browser = await startBrowser(t);
  const rack = new HostileRack(hostileCertificate());
  const log = createLog('silent');
  const options = { host: '127.0.0.1', port: 0, log, version: '0.1.0', panel: PANEL };
  const server = createHttpServer(rack, options);
  const { url } = await server.listen();
  t.teardown(async () => {
    rack.feed.stop();
    await server.close();
  });
  for (const viewport of [
    { width: 1920, height: 1080 },
    { width: 390, height: 844 },
  ]) {
    const { page, complaints } = await look(browser, url, { viewport });
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const checked = async (place: string) => {
      const name = `${place} at ${viewport.width}`;
      t.match(await page.locator('main').textContent(), MARK, `${name} shows it`);
      t.same(await page.evaluate(notIsolated, MARK), [], `${name}: it stands alone`);
      t.equal(await page.locator('main img, main script').count(), 0, `${name}: it is text`);
      t.ok((await page.evaluate(pageWidth)) <= viewport.width, `${name}: nothing sticks out`);
      t.notMatch(await page.title(), /owned/, `${name}: it runs nothing`);
    };
    await page.waitForSelector('#tile-P02');
    const tiles = ['P01', 'P02'].map((port) => page.locator(`#tile-${port}`).boundingBox());
    const [quiet, hostile] = await Promise.all(tiles);
    t.equal(hostile?.width, quiet?.width, 'a long name makes no tile wider');
    t.equal(hostile?.height, quiet?.height, 'or higher');
    await checked('rack');
    await page.goto(`${url}/#/port/P02`);
    await page.locator('.evidence summary').first().click();
    await page.locator('[data-action="certificate"]').click();
    await page.locator('.certificate').waitFor();
    await checked('port');
    t.match(await textOf(page.locator('.port-say .work-order')), 'ケーブル交換');
    await picture(page, `hostile-port-${viewport.width}`);
    await page.goto(`${url}/#/run/run-1`);
    await page.locator('.evidence').waitFor();
    await checked('run');
    await page.goto(`${url}/#/history?q=&verdict=`);
    await page.locator('.table tbody tr').first().waitFor();
    await checked('history');
    await picture(page, `hostile-history-${viewport.width}`);
    t.same([...dialogs, ...complaints], []);
    await page.context().close();
  }
});

t.test('a quarantined port says why and what to do, on the wall and on its page', async (t) => {
  const browser = await startBrowser(t);
  const rack = new MemoryRack();
  const log = createLog('silent');
  const options = { host: '127.0.0.1', port: 0, log, version: '0.1.0', panel: PANEL };
  const server = createHttpServer(rack, options);
  const { url } = await server.listen();
  t.teardown(async () => {
    rack.feed.stop();
    await server.close();
  });
  const { page } = await look(browser, url);
  const ja = 'P01のケーブルを新品に交換し、保留を解除してください。';
  const en = 'Replace the cable of P01 and release the port.';
  const workOrder = { whose: 'cable', ja, en } as const;
  rack.show('P01', { held: true, workOrder, light: lightNamed('held') });
  const task = page.locator('[data-code="work-order"]');
  await task.waitFor();
  t.match(await textOf(task), `ケーブル交換${ja}P01`);
  t.equal(await textOf(page.locator('#tile-P01 .tile-detail')), 'ケーブル交換');
  await picture(page, 'wall-work-order');
  await task.locator('a').click();
  t.equal(await textOf(page.locator('.port-say .work-order')), ja);
  await page.locator('.language').click();
  await page.getByText(en).waitFor();
  rack.show('P01', { held: false, workOrder: null });
  await page.getByText(en).waitFor({ state: 'detached' });
});
