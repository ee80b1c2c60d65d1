import { setTimeout as delay } from 'node:timers/promises';
import {
  IN_USE,
  plugAll,
  resetsAreOnRecord,
  type Scenario,
  SLOW,
  untilFilling,
} from '../scenario.js';

const DARK_MS = 4_000;
/** As many as the first hub has openings. */
const DISTURBED = 8;

const eightSlow = (index: number) => (index < DISTURBED ? SLOW : IN_USE);

export const hubPulled: Scenario = {
  name: 'hub-pulled',
  about: 'a hub is pulled while eight handsets behind it are overwritten, and put back',
  plan: eightSlow,
  play: async (rig) => {
    plugAll(rig);
    const behind = rig.standing.filter(({ port }) => rig.opening(port).hub === 1);
    await untilFilling(
      rig,
      behind.map(({ port }) => port),
    );
    await rig.guest.pullHub(1);
    await delay(DARK_MS);
    await rig.guest.putHubBack(1);
  },
  check: resetsAreOnRecord,
};

export const portPowerCut: Scenario = {
  name: 'port-power-cut',
  about:
    'the power of three ports is cut by the hub while their handsets are overwritten, and given back',
  plan: eightSlow,
  play: async (rig) => {
    plugAll(rig);
    const ports = rig.standing.slice(0, 3).map(({ port }) => port);
    await untilFilling(rig, ports);
    await Promise.all(ports.map((port) => rig.power(port, false)));
    await delay(DARK_MS);
    await Promise.all(ports.map((port) => rig.power(port, true)));
  },
  check: resetsAreOnRecord,
};

export const powerFailure: Scenario = {
  name: 'power-failure',
  about: 'the whole machine loses its power in the middle and boots again with the disk it had',
  plan: eightSlow,
  play: async (rig) => {
    plugAll(rig);
    const ports = rig.standing.slice(0, 4).map(({ port }) => port);
    await untilFilling(rig, ports);
    await rig.guest.cutPower();
    await delay(DARK_MS);
    await rig.guest.boot();
    await rig.guest.startDaemon();
  },
  check: (rig, ledger) => [
    ...resetsAreOnRecord(rig, ledger),
    ...(ledger.filter(({ type }) => type === 'rack-started').length === 2
      ? []
      : ['the daemon did not start twice on one ledger']),
  ],
};
