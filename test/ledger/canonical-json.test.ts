import t from 'tap';
import { hasCode } from '../../src/errors.js';
import { canonicalJson } from '../../src/ledger/canonical-json.js';

// RFC 8785, appendix B: the bits of an IEEE 754 double and its one text form; null where there is none.
const NUMBERS: readonly (readonly [string, string | null])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['7fffffffffffffff', null],
  ['7ff0000000000000', null],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

t.test('numbers of RFC 8785, appendix B', async (t) => {
  for (const [bits, text] of NUMBERS) {
    const number = Buffer.from(bits, 'hex').readDoubleBE();
    if (text === null) t.throws(() => canonicalJson(number), { code: 'internal' }, bits);
    else t.equal(canonicalJson(number), text, bits);
  }
});

t.test('the example of RFC 8785, 3.2.2', async (t) => {
  const source = String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`;
  const bytes = Buffer.from(canonicalJson(JSON.parse(source)));
  // The bytes that section 3.2.4 of the RFC prints.
  const wanted =
    '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d';
  t.equal(bytes.toString('hex'), wanted);
});

t.test('members sort by UTF-16 code units, as in RFC 8785, 3.2.3', async (t) => {
  const source = String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
    "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`;
  t.same(Object.values(JSON.parse(canonicalJson(JSON.parse(source)))), [
    // JavaScript itself puts integer names first when it parses; the text below shows the real order.
    'One',
    'Carriage Return',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]);
  t.ok(
    canonicalJson(JSON.parse(source)).startsWith('{"\\r":"Carriage Return","1":"One","\u0080":'),
  );
  t.equal(canonicalJson({ b: 1, a: { d: 1, c: [] }, A: {} }), '{"A":{},"a":{"c":[],"d":1},"b":1}');
});

t.test('escapes: the short forms, \\u00xx below space, nothing else', async (t) => {
  const all = String.fromCharCode(...Array.from({ length: 0x20 }, (_, code) => code));
  t.equal(
    canonicalJson(all),
    String.raw`"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f"`,
  );
  t.equal(canonicalJson('/\u007f\u2028😀"\\'), '"/\u007f\u2028😀\\"\\\\"');
});

t.test('what has no JSON form is refused, wherever it stands', async (t) => {
  const deep = () => {
    let value: unknown = 1;
    for (let level = 0; level < 200; level += 1) value = [value];
    return value;
  };
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const bad: unknown[] = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    undefined,
    1n,
    Symbol('x'),
    () => 1,
    new Date(0),
    new Map(),
    '\ud800',
    'a\udc00b',
    deep(),
    circle,
  ];
  for (const value of bad) {
    for (const holder of [value, [value], { a: { b: value } }]) {
      try {
        canonicalJson(holder);
        t.fail(`took ${String(value)}`);
      } catch (error) {
        t.ok(hasCode(error, 'internal'), String(typeof value));
      }
    }
  }
  t.throws(() => canonicalJson({ '\udfff': 1 }), { code: 'internal' });
  const holes: unknown[] = [];
  holes[2] = 1;
  t.throws(() => canonicalJson(holes), { code: 'internal' });
});
