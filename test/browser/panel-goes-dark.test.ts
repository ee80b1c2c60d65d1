import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { World } from '../support/world.js';
import { freePort, fresh, look, picture, startBrowser } from './browser.js';
import { darkInTime, isMarked, mark, styleOf } from './in-page.js';

const STALE_AFTER = 2;
/** With what a loaded machine may need on top to paint. */
const DARK_MS = STALE_AFTER * 1_000 + 1_000;

t.setTimeout(300_000);

t.test('a panel never shows what is no longer known', async (t) => {
  const browser = await startBrowser(t);
  const port = await freePort();
  const world = await World.start(t, {
    config: { http: { port }, timing: { staleAfterSeconds: STALE_AFTER } },
  });
  const url = `http://127.0.0.1:${port}`;
  await world.plug('P01', {
    spec: { profile: 'google-pixel-7-android-16', condition: 'already-reset' },
  });
  const { page, complaints } = await look(browser, url);
  await page.evaluate(mark);
  await page.waitForSelector('#tile-P01[data-light="passed"]', { timeout: 60_000 });

  await t.test('while the daemon answers, busy or quiet, it never darkens', async (t) => {
    const dark = page.locator('.dead-man');
    const end = Date.now() + 3 * STALE_AFTER * 1_000;
    const seen = new Set<string>();
    for (let n = 0; Date.now() < end; n += 1) {
      if (n % 2 === 0) await world.act('P02', n % 4 === 0 ? 'hold' : 'release');
      seen.add(await styleOf(dark, 'opacity'));
    }
    t.same([...seen], ['0']);
  });

  await t.test('a daemon that hangs: dark in time, and back by itself', async (t) => {
    const pid = world.demo.daemonPid ?? 0;
    process.kill(pid, 'SIGSTOP');
    t.teardown(() => process.kill(pid, 'SIGCONT'));
    await darkInTime(t, page, DARK_MS);
    await picture(page, 'dark-hung');
    process.kill(pid, 'SIGCONT');
    await fresh(page);
    t.equal(await page.locator('.tile[data-light="passed"]').count(), 1);
    t.equal(await page.evaluate(isMarked), true, 'without a reload');
  });

  await t.test('a daemon that is killed: dark in time, and back without a reload', async (t) => {
    await page.goto(`${url}/#/port/P01`);
    await page.waitForSelector('.port-head[data-light="passed"]');
    const pid = world.demo.daemonPid ?? 0;
    process.kill(pid, 'SIGKILL');
    await darkInTime(t, page, DARK_MS);
    t.equal(await page.locator('.port-head[data-light="passed"]').count(), 0);
    await page.goto(`${url}/#/`);
    await picture(page, 'dark-killed');
    await fresh(page, 60);
    // Nobody saw whether the handset stayed in the port: it is not green any more.
    await page.waitForSelector('#tile-P01[data-light="check"]');
    t.equal(await page.evaluate(isMarked), true, 'without a reload');
    await picture(page, 'wall-after-restart');
  });

  await t.test(
    'the network away: dark in time; a script that died: dark all the same',
    async (t) => {
      await page.context().setOffline(true);
      await darkInTime(t, page, DARK_MS);
      await page.context().setOffline(false);
      await fresh(page);
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('DOM.enable');
      await devtools.send('CSS.enable');
      await devtools.send('Emulation.setScriptExecutionDisabled', { value: true });
      const { root } = await devtools.send('DOM.getDocument');
      const selector = { nodeId: root.nodeId, selector: '.dead-man' };
      const { nodeId } = await devtools.send('DOM.querySelector', selector);
      await delay(DARK_MS);
      const { computedStyle } = await devtools.send('CSS.getComputedStyleForNode', { nodeId });
      t.match(
        computedStyle.find(({ name }) => name === 'opacity'),
        { value: '1' },
      );
    },
  );

  t.same(complaints, []);
});
