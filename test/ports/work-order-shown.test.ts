import t from 'tap';
import { checkConfig } from '../../src/config.js';
import { JoinedSightings } from '../../src/devices/joined-sightings.js';
import { createLog } from '../../src/log.js';
import { Rack } from '../../src/ports/rack.js';

const config = checkConfig({
  rack: { controllers: { A: {} }, ports: { P01: { usb: ['1-1'], controller: 'A' } } },
});
const ORDER = { whose: 'cable', ja: 'ケーブルを交換', en: 'Replace the cable' } as const;
const unasked = async () => {
  throw new Error('nothing is begun here');
};

function rackOf() {
  const log = createLog('silent');
  const acted: string[] = [];
  const rack = new Rack({
    ...{ config, log, board: new JoinedSightings({ log }), clock: Date.now, factsOf: () => null },
    control: {
      ...{ open: unasked, enqueue: unasked, abort: unasked, settle: unasked },
      acted: async (_run, _port, { action }) => void acted.push(action),
    },
  });
  return { rack, acted };
}

t.test('a quarantined port shows its work order until somebody releases it', async (t) => {
  const { rack, acted } = rackOf();
  const before = rack.view();
  t.equal(before.ports[0]?.workOrder, null);
  rack.hold('P01', ORDER);
  const held = rack.view();
  t.equal(held.seq, before.seq + 1, 'panels are told');
  t.match(held.ports[0], { held: true, workOrder: ORDER, light: { name: 'held' } });
  t.ok(held.ports[0]?.actions.includes('release'));
  await rack.act('P01', { action: 'release', by: 'sato', statement: {} });
  t.match(rack.view().ports[0], { held: false, workOrder: null, light: { name: 'empty' } });
  await rack.act('P01', { action: 'hold', by: 'sato', statement: {} });
  t.match(rack.view().ports[0], { held: true, workOrder: null }, 'a person says why elsewhere');
  t.same(acted, ['release', 'hold']);
});
