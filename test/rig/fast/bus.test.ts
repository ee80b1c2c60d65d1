import t from 'tap';
import type { UsbInterface } from '../../../src/devices/sighting.js';
import { rigUnderTest } from './rig-under-test.js';

const MTP: UsbInterface = { classCode: 6, subclass: 1, protocol: 1 };
const ADB: UsbInterface = { classCode: 0xff, subclass: 0x42, protocol: 0x01 };
const PLAIN = { vendorId: 0x18d1, productId: 0x4ee1, interfaces: [MTP], socket: null };

t.test('libusb tells what was there and what comes and goes, hubs left out', async (t) => {
  const { umock, host } = await rigUnderTest(t, {
    before: (umock) => umock.add('1-1.1', { ...PLAIN, serial: 'EARLY' }),
  });
  const { socket: _, ...description } = PLAIN;
  await host.until(() => host.at('1-1.1') !== null, 'the device that was there before');
  t.strictSame(host.bus, [
    { type: 'attached', device: { ...description, usbPath: '1-1.1', serial: 'EARLY' } },
  ]);

  await umock.hub('1-1.4');
  await umock.add('1-1.4.2', { ...PLAIN, serial: 'DEEP', interfaces: [MTP, ADB] });
  await host.until(() => host.at('1-1.4.2')?.condition === 'usb:adb', 'the second device');
  t.strictSame(host.bus[1], {
    type: 'attached',
    device: { ...description, usbPath: '1-1.4.2', serial: 'DEEP', interfaces: [MTP, ADB] },
  });
  t.notMatch(host.said, /cannot be read/, 'serials came by control transfers');

  await umock.remove('1-1.4.2');
  await umock.remove('1-1.4');
  await umock.add('1-1.2', { ...PLAIN, serial: null });
  await host.until(() => host.at('1-1.2') !== null, 'the third device');
  t.strictSame(host.bus.slice(2), [
    { type: 'detached', usbPath: '1-1.4.2' },
    { type: 'attached', device: { ...description, usbPath: '1-1.2', serial: null } },
  ]);
  t.strictSame(
    host.sightings.map(({ usbPath, condition, handset }) => [usbPath, condition, handset]),
    [
      ['1-1.1', 'usb:no-adb', 'android:EARLY'],
      ['1-1.2', 'usb:no-adb', null],
    ],
  );
});

t.test('so many arrivals in one opening that addresses come again', async (t) => {
  const { umock, host } = await rigUnderTest(t);
  const rounds = 130;
  for (let round = 0; round < rounds; round += 1) {
    await umock.add('1-1.3', { ...PLAIN, serial: `N${round}` });
    const seen = () => host.at('1-1.3')?.handset === `android:N${round}`;
    await host.until(seen, `arrival ${round}`);
    await umock.remove('1-1.3');
    await host.until(() => host.at('1-1.3') === null, `departure ${round}`);
  }
  t.equal(host.bus.length, 2 * rounds, 'no event was lost, none came twice');
});
