import path from 'node:path';
import t from 'tap';
import { verifyCommand } from '../../src/cli/verify.js';
import type { PortView } from '../../src/ports/view.js';
import { World } from '../support/world.js';

const ANSWERS: Readonly<Record<string, object>> = {
  'jpki-declaration-missing': { jpki: 'revoked' },
  'felica-clear-needed': { felica: 'cleared' },
  'confirm-first-boot-screen': { screen: 'first-boot' },
};

interface Walk {
  readonly end: PortView;
  readonly asked: readonly string[];
}

/** Answers each question of a port once, over HTTP, until the port has its verdict. */
async function walk(world: World, port: string, marks: object): Promise<Walk> {
  const asked: string[] = [];
  for (;;) {
    const view = await world.until(
      port,
      ({ state, attention }) =>
        state === 'settled' || (attention?.clears === 'confirm' && !asked.includes(attention.code)),
      90,
    );
    const code = view.attention?.code;
    if (view.state === 'settled' || !code) return { end: view, asked };
    asked.push(code);
    const statement = code === 'carrier-result-needed' ? { marks } : (ANSWERS[code] ?? {});
    const status = await world.act(port, 'confirm', statement);
    if (status !== 202) throw new Error(`${port}: confirming ${code} was answered ${status}`);
  }
}

async function verifies(world: World, { run }: PortView): Promise<string> {
  let said = '';
  const pen = {
    write: (text: string) => {
      said += text;
      return true;
    },
  };
  const args = [
    path.join(world.state, 'certificates', `${run}.json`),
    ...['--key', path.join(world.state, 'keys', 'certificate.public.pem')],
    ...['--state', world.state],
  ];
  const exit = await verifyCommand(args, { stdout: pen, stderr: pen });
  return exit === 0 ? 'verified' : said;
}

t.test('what people state at the port leads each handset to its verdict and lane', async (t) => {
  const world = await World.start(t, {
    config: {
      policy: {
        askPersonToEnableDebugging: false,
        acceptFelicaDeclaration: true,
        requireJpkiDeclaration: true,
      },
      carrierCheck: { source: 'manual', carriers: ['docomo', 'kddi'] },
    },
  });
  const circles = { docomo: 'circle', kddi: 'circle' };
  await world.plug('P01', { spec: { profile: 'sharp-sh-m05', condition: 'in-use' } });
  await world.plug('P11', { spec: { profile: 'sharp-sh-53c', condition: 'in-use' } });
  await world.plug('P21', { spec: { profile: 'google-pixel-9', condition: 'in-use' } });
  await world.plug('P31', {
    spec: { profile: 'samsung-sc-51b', condition: 'in-use' },
    faults: { flipsFillByte: true },
  });
  await world.plug('P02', { spec: { profile: 'google-pixel-7', condition: 'in-use' } });

  await world.until('P02', ({ attention }) => attention?.code === 'jpki-declaration-missing');
  t.equal(await world.act('P02', 'confirm'), 400, 'a bare Confirm is no declaration');
  const aborted = world
    .until('P02', ({ stage }) => stage === 'reset-delete' || stage === 'overwrite-erase', 90)
    .then(() => world.act('P02', 'abort'));
  const [bent, felica, marked, failed, stopped] = await Promise.all([
    walk(world, 'P01', circles),
    walk(world, 'P11', { docomo: 'cross', kddi: 'circle' }),
    walk(world, 'P21', { docomo: 'triangle', kddi: 'dash' }),
    walk(world, 'P31', circles),
    walk(world, 'P02', circles),
  ]);
  t.equal(await aborted, 202);

  t.match(bent.end, { verdict: 'passed', lane: 'release', light: { colour: 'green' } });
  t.ok(bent.asked.includes('confirm-first-boot-screen'), 'nobody was asked to switch adb on');
  const { plan } = await world.get<{ plan: { stage: string }[] }>(`/api/v1/runs/${bent.end.run}`);
  const order = plan.map(({ stage }) => stage);
  t.ok(order.indexOf('overwrite-erase') < order.indexOf('reset-delete'), 'the order was bent');

  t.match(felica.end, { verdict: 'passed', lane: 'return', light: { pattern: 'double' } });
  t.same(felica.end.reasons, ['restriction:docomo:cross']);
  t.ok(felica.asked.includes('felica-clear-needed'));
  t.match(marked.end, { verdict: 'passed', lane: 'attention', light: { colour: 'yellow' } });
  t.match(failed.end, { verdict: 'failed', lane: 'quarantine', light: { colour: 'red' } });
  t.match(stopped.end, { verdict: 'inconclusive', lane: 'attention' });
  t.ok(stopped.end.reasons.includes('voided:operator'));

  for (const { end } of [bent, felica, marked, failed, stopped])
    t.equal(await verifies(world, end), 'verified', `${end.port} ${end.verdict}`);
});
