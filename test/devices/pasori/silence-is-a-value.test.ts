import t from 'tap';
import { COMMAND } from '../../../src/devices/felica/allowed-commands.js';
import { SILENCE } from '../../../src/devices/felica/card-values.js';
import { FelicaCard } from '../../../src/devices/felica/felica-card.js';
import { ACK, rcS300, rcS380, reply } from './helpers/readers.js';
import { BAD_AIR } from './helpers/vectors.js';
import { payload, wait } from './helpers/wire.js';

const POLL = payload('060000030100');
const SILENT = BAD_AIR[0]?.answer ?? '';
const card = { idm: '014011111111b660', pmm: '01188b868fbecbff' };

const silent = {
  'RC-S380': () => [ACK, SILENT],
  'RC-S300 before': () => [reply('c003006400')],
  'RC-S300 after': () => [reply('c003006401')],
} as const;

for (const [name, air] of Object.entries(silent)) {
  const rig = name.startsWith('RC-S380') ? rcS380 : rcS300;

  t.test(`${name}: a card that does not answer is null, and the reader goes on`, async (t) => {
    const { wire, reader } = await rig(t, () => air());
    for (let time = 0; time < 3; time += 1)
      t.equal(await reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 }), null);
    const before = wire.written.length;
    await reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
    t.equal(wire.written.length, before + 1, 'nothing is set up again for it');
  });

  t.test(`${name}: no question is answered by silence`, async (t) => {
    const { wire, reader } = await rig(t, () => air());
    const felica = new FelicaCard(reader);
    const answers = [
      await felica.poll({ systemCode: 0xfe0f, requestCode: 1 }, wait()),
      await felica.requestSystemCode(card, wait()),
      await felica.searchServiceCode(card, 0, wait()),
      await felica.requestService(card, [0xffff, 0], wait()),
      await felica.requestCodeList(card, { parent: 0, index: 1 }, wait()),
      await felica.requestBlockInformationEx(card, [0], wait()),
      await felica.getContainerIssueInformation(card, wait()),
      await felica.getContainerId(card, wait()),
      await felica.requestResponse(card, wait()),
    ];
    t.equal(answers.length, Object.keys(COMMAND).length, 'every command there is');
    t.strictSame(new Set(answers), new Set([SILENCE]));
    const issue = wire.written.filter((out) => /0[ac]22014011111111b660(0000)?/.test(out));
    t.match(issue[0], /0c22014011111111b6600000/, 'the long form of issue information first');
    t.match(issue[1], /0a22014011111111b660/, 'then the short form, once');
    t.equal(issue.length, 2);
  });
}

t.test('only the one status that means it is silence', async (t) => {
  let status = '';
  const { reader } = await rcS380(t, () => [ACK, frame(`d705${status}`)]);
  const ask = () => reader.exchange(POLL, { ...wait(), cardTimeoutMs: 10 });
  status = '80000000';
  t.equal(await ask(), null);
  for (let bit = 0; bit < 32; bit += 1) {
    if (bit === 7) continue;
    for (const more of [0, 0x80]) {
      const word = Buffer.alloc(4);
      word.writeUInt32LE(2 ** bit + more);
      status = word.toString('hex');
      await t.rejects(ask(), { code: 'rf-fault' }, status);
    }
  }
  for (const odd of [
    '8000000008',
    '800000000806010203040506',
    '00000000',
    '0000000008',
    '800000',
    '',
  ]) {
    status = odd;
    await t.rejects(ask(), { code: 'reader-protocol' }, `status ${odd}`);
  }
});

/** An extended frame around data. */
function frame(data: string): string {
  const bytes = Buffer.from(data, 'hex');
  const sum = bytes.reduce((all, byte) => all + byte, 0);
  const hex = (value: number) => (value & 0xff).toString(16).padStart(2, '0');
  return `0000ffffff${hex(bytes.length)}00${hex(-bytes.length)}${data}${hex(-sum)}00`;
}
