import t from 'tap';
import { World } from '../support/world.js';

const IN_USE = { profile: 'iphone-11-ios-17', passcode: 'set' } as const;

interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}

t.test(
  'an iPhone says at its port what a person has to do before it trusts the rack',
  async (t) => {
    const world = await World.start(t);
    const asks = (port: string, code: string) =>
      world.until(port, ({ attention }) => attention?.code === code);
    const supervision = { organization: 'Firm', allowPairing: false, mandatory: true };
    const { handset, usbPath } = await world.plugIphone('P01', { iphone: IN_USE });
    const managed = await world.plugIphone('P02', { iphone: { ...IN_USE, supervision } });
    const locked = { ...IN_USE, passcode: 'locked' } as const;
    const shut = await world.plugIphone('P03', { iphone: locked, personDoes: ['iphone-locked'] });

    const waiting = await asks('P01', 'iphone-trust');
    t.equal(waiting.state, 'unready');
    t.equal(waiting.condition, 'mux:unpaired');
    t.equal(waiting.run, null, 'nothing is begun before it is trusted');
    handset.person.deny();
    await asks('P01', 'iphone-trust-declined');
    world.demo.rack.unplug(usbPath);
    await world.until('P01', ({ state }) => state === 'empty');
    world.demo.rack.plug(usbPath, handset);
    await asks('P01', 'iphone-trust');

    await asks('P02', 'iphone-pairing-forbidden');
    managed.handset.person.releaseManagement();
    world.demo.rack.unplug(managed.usbPath);
    await world.until('P02', ({ state }) => state === 'empty');
    world.demo.rack.plug(managed.usbPath, managed.handset);
    await asks('P02', 'iphone-trust');

    await asks('P03', 'iphone-trust');
    t.equal(shut.handset.state.locked, false, 'somebody unlocked it');

    const usbmuxd = async () => {
      const { checks } = await world.get<Readiness>('/readyz');
      return checks.find(({ name }) => name === 'usbmuxd')?.ok;
    };
    t.equal(await usbmuxd(), true);
    await world.demo.rack.usbmuxd.stop();
    await world.until('P01', ({ condition }) => condition === 'mux:unknown');
    t.equal(await usbmuxd(), false, 'iPhones are there and cannot be reached');
    await world.demo.rack.usbmuxd.start();
    await asks('P01', 'iphone-trust');
    t.equal(await usbmuxd(), true);

    handset.person.trust();
    const open = await world.until('P01', ({ run }) => run !== null);
    t.equal(open.condition, 'mux:paired');
  },
);
