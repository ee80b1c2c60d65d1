import t from 'tap';
import { ATTENTIONS, type AttentionCode } from '../../src/attention.js';
import { type LightFacts, lightOf } from '../../src/ports/light.js';
import { LIGHT_NAMES } from '../../src/ports/lights.js';
import { type Light, PORT_STATES } from '../../src/ports/view.js';

const VERDICTS = ['passed', 'failed', 'inconclusive', null] as const;
const LANES = ['release', 'attention', 'quarantine', 'destroy', 'return', null] as const;
const CODES = [...(Object.keys(ATTENTIONS) as AttentionCode[]), null];

const QUIET: LightFacts = {
  state: 'empty',
  held: false,
  verdict: null,
  lane: null,
  attention: null,
  blinking: false,
  stale: false,
};

function* everything(): Generator<{ facts: LightFacts; light: Light }> {
  for (const state of PORT_STATES)
    for (const verdict of VERDICTS)
      for (const lane of LANES)
        for (const attention of CODES)
          for (const bits of [0, 1, 2, 3, 4, 5, 6, 7]) {
            const facts = {
              state,
              verdict,
              lane,
              attention,
              held: (bits & 1) > 0,
              blinking: (bits & 2) > 0,
              stale: (bits & 4) > 0,
            };
            yield { facts, light: lightOf(facts) };
          }
}

/** Collects the broken cases, so that 32,000 combinations are one assertion each. */
function broken(rule: (facts: LightFacts, light: Light) => boolean): string[] {
  const found: string[] = [];
  for (const { facts, light } of everything())
    if (!rule(facts, light)) found.push(JSON.stringify({ facts, light }));
  return found.slice(0, 3);
}

t.test(
  'green is shown for a settled, passed, released handset, and for nothing else',
  async (t) => {
    t.same(
      broken((facts, light) => {
        const good =
          facts.state === 'settled' &&
          facts.verdict === 'passed' &&
          facts.lane === 'release' &&
          !facts.blinking &&
          !facts.stale;
        return (light.colour === 'green') === good;
      }),
      [],
    );
  },
);

t.test('nothing looks done before the handset may be pulled', async (t) => {
  t.same(
    broken((facts, light) => light.pattern !== 'solid' || facts.state === 'settled'),
    [],
    'a solid light only on a settled port',
  );
  t.same(
    broken(
      (facts, light) =>
        !['opening', 'working', 'aborting'].includes(facts.state) ||
        ['white', 'blue', 'yellow', 'red-yellow'].includes(light.colour),
    ),
    [],
  );
});

t.test('off means empty and ready, never anything else', async (t) => {
  t.same(
    broken((facts, light) => {
      const ready = facts.state === 'empty' && !facts.held && !facts.blinking && !facts.stale;
      return (light.colour === 'off') === ready && (light.pattern === 'off') === ready;
    }),
    [],
  );
});

t.test('every light has a word in both languages that fits a small display', async (t) => {
  t.same(
    broken(
      (_facts, { word }) =>
        /^[A-Z ]{3,14}$/.test(word.en) && /^[ぁ-んァ-ヶー一-龠]{2,6}$/.test(word.ja),
    ),
    [],
  );
});

t.test('what is stale is never shown as true, blinking or not', async (t) => {
  t.same(
    broken(
      (facts, light) => !facts.stale || (light.colour === 'yellow' && light.pattern === 'triple'),
    ),
    [],
  );
});

t.test('blinking changes the lamp and keeps the word', async (t) => {
  const still = lightOf({ ...QUIET, state: 'working' });
  const blinking = lightOf({ ...QUIET, state: 'working', blinking: true });
  t.same(blinking, { ...still, colour: 'white', pattern: 'triple' });
});

t.test('two lights that look the same say things that are handled the same', async (t) => {
  const looks = new Map<string, Set<string>>();
  for (const { facts, light } of everything()) {
    if (facts.blinking || facts.stale) continue;
    const look = `${light.colour} ${light.pattern}`;
    looks.set(look, (looks.get(look) ?? new Set()).add(light.word.en));
  }
  t.same(Object.fromEntries([...looks].map(([look, words]) => [look, [...words].sort()])), {
    'off off': ['EMPTY'],
    'white slow': ['HELD'],
    'white fast': ['DETECTING', 'IDENTIFYING'],
    'white double': ['TO READER'],
    'yellow double': ['ACT', 'REMOVE'],
    'red-yellow alternate': ['RACK FAULT'],
    'red double': ['LOCKED', 'QUARANTINE', 'RETURN'],
    'blue slow': ['DO NOT UNPLUG'],
    'blue fast': ['STOPPING'],
    'green solid': ['PASSED'],
    'yellow solid': ['CHECK'],
    'red solid': ['CHECK', 'DESTROY', 'QUARANTINE'],
  });
});

t.test('work that is stuck for want of the host shows the fault, other work goes on', async (t) => {
  const working = { ...QUIET, state: 'working' } as const;
  t.equal(lightOf({ ...working, attention: 'host-trouble' }).word.en, 'RACK FAULT');
  t.equal(lightOf({ ...working, attention: 'battery-low' }).word.en, 'DO NOT UNPLUG');
});

t.test(
  'a handset that was erased well but may not be sold is not shown as a failed erasure',
  async (t) => {
    const settled = { ...QUIET, state: 'settled', lane: 'quarantine' } as const;
    t.equal(lightOf({ ...settled, verdict: 'passed' }).pattern, 'double');
    t.equal(lightOf({ ...settled, verdict: 'failed' }).pattern, 'solid');
  },
);

t.test('held shows only while nothing was started', async (t) => {
  t.equal(lightOf({ ...QUIET, held: true }).word.en, 'HELD');
  t.equal(lightOf({ ...QUIET, held: true, state: 'unready' }).word.en, 'HELD');
  t.equal(lightOf({ ...QUIET, held: true, state: 'working' }).word.en, 'DO NOT UNPLUG');
  t.equal(
    lightOf({ ...QUIET, held: true, state: 'unready', attention: 'authorise-usb-debugging' }).word
      .en,
    'ACT',
  );
});

t.test(
  'a settled port whose verdict and lane contradict each other is not shown as good',
  async (t) => {
    const settled = { ...QUIET, state: 'settled' } as const;
    t.equal(lightOf({ ...settled, verdict: 'failed', lane: 'release' }).colour, 'red');
    t.equal(lightOf({ ...settled, verdict: 'inconclusive', lane: 'release' }).colour, 'red');
    t.equal(lightOf({ ...settled, verdict: 'passed', lane: null }).colour, 'red-yellow');
    t.equal(lightOf({ ...settled, verdict: null, lane: 'release' }).colour, 'red-yellow');
  },
);

t.test('every light of the table is shown for something, and nothing else is', async (t) => {
  const shown = new Set<string>();
  for (const { light } of everything()) shown.add(light.name);
  t.same([...shown].sort(), [...LIGHT_NAMES].sort());
});
