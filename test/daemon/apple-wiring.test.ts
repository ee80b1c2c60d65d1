import t from 'tap';
import { checkConfig } from '../../src/config.js';
import { AppleWiring } from '../../src/daemon/apple-wiring.js';
import { JoinedSightings } from '../../src/devices/joined-sightings.js';
import { createLog } from '../../src/log.js';
import { FakePhone, UDID } from '../devices/apple/helpers/fake-phone.js';
import { eventually } from '../devices/helpers/eventually.js';

const log = createLog('silent');
const rack = {
  controllers: { A: {} },
  ports: { P01: { usb: ['1-4.2'], controller: 'A' } },
};
const addressOf = (address: string) => checkConfig({ rack, usbmuxd: { address } }).usbmuxd.address;

t.test('iPhones come to the board by the numbers that the kernel gave them', async (t) => {
  const phone = new FakePhone();
  await phone.mux.listen();
  const board = new JoinedSightings({ log });
  const serial = UDID.replace('-', '');
  const wiring = new AppleWiring({
    address: addressOf(`127.0.0.1:${phone.mux.port}`),
    board,
    usbAddresses: async () => [
      { usbPath: '1-4.1', bus: 1, address: 6, serial: 'OTHER' },
      { usbPath: '1-4.2', bus: 1, address: 7, serial },
    ],
    clock: Date.now,
    log,
  });
  t.equal(wiring.health(), 'does not answer; no iPhone needs it now');
  wiring.follow();
  t.teardown(() => wiring.unfollow());
  const shows = (condition: string | null) =>
    eventually(`${condition}`, () => (board.at('1-4.2')?.condition ?? null) === condition);
  await shows('mux:unpaired');
  t.equal(wiring.health(), 'answers, 1 iPhones');
  phone.pairing = null;
  await shows('mux:paired');
  const link = wiring.link('1-4.2');
  t.equal(wiring.link('1-4.2'), link, 'one for each opening');
  link.reconsider();
  await shows('mux:attached');
  await shows('mux:paired');

  await phone.mux.close();
  await shows('mux:unknown');
  t.throws(() => wiring.health(), { code: 'usbmuxd-gone' }, 'an iPhone is there and needs it');
});

t.test('a usbmuxd that ended with its last iPhone is no trouble', async (t) => {
  const phone = new FakePhone();
  await phone.mux.listen();
  const board = new JoinedSightings({ log });
  const address = addressOf(`127.0.0.1:${phone.mux.port}`);
  const usbAddresses = async () => [{ usbPath: '1-4.2', bus: 1, address: 7, serial: null }];
  const wiring = new AppleWiring({ address, board, usbAddresses, clock: Date.now, log });
  wiring.follow();
  t.teardown(() => wiring.unfollow());
  await eventually('there', () => board.list().length === 1);
  phone.unplug();
  await eventually('gone', () => board.list().length === 0);
  await phone.mux.close();
  await eventually('noticed', () => wiring.health().startsWith('does not answer'));
  const usb = { vendorId: 0x05ac, serial: null, interfaces: [] };
  board.attached({ ...usb, usbPath: '1-3', productId: 0x0250 });
  t.match(wiring.health(), /^does not answer/, 'a keyboard needs none');
  board.attached({ ...usb, usbPath: '1-4.2', productId: 0x12a8 });
  t.throws(() => wiring.health(), { code: 'usbmuxd-gone' });
});

t.test('a rack without iPhones, and addresses that are none', async (t) => {
  const board = new JoinedSightings({ log });
  const wiring = new AppleWiring({ address: addressOf('off'), board, clock: Date.now, log });
  wiring.follow();
  t.equal(wiring.health(), 'off: no iPhones on this rack');
  t.throws(() => wiring.link('1-4.2'), { code: 'usbmuxd-gone' });
  await wiring.unfollow();
  t.equal(checkConfig({ rack }).usbmuxd.address, '/var/run/usbmuxd');
  for (const address of ['', 'usbmuxd', 'host:', 'run/usbmuxd', 'host:123456'])
    t.throws(() => addressOf(address), { code: 'config-invalid' }, `'${address}'`);
  for (const address of [
    '/run/u',
    'UNIX:/run/u',
    'unix:///run/u',
    'host:1',
    'tcp://h:1',
    '[::1]:9',
  ])
    t.ok(new AppleWiring({ address: addressOf(address), board, clock: Date.now, log }), address);
  const tooHigh = addressOf('host:70000');
  t.throws(() => new AppleWiring({ address: tooHigh, board, clock: Date.now, log }), {
    code: 'config-invalid',
  });
});
