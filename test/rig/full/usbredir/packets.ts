import {
  CAPABILITY,
  type Field,
  type Kind,
  LAYOUTS,
  type Layout,
  VERSION_LENGTH,
} from './layouts.js';

type FieldsOf<K extends Kind> = {
  readonly [Name in keyof (typeof LAYOUTS)[K]['fields']]: number;
};

export type PacketOf<K extends Kind> = {
  readonly kind: K;
  /** Chosen by the host for what it asks, and said again in the answer; 0 in what nobody asked for. */
  readonly id: bigint;
  readonly fields: FieldsOf<K>;
  readonly data: Buffer;
};

export type Packet = { [K in Kind]: PacketOf<K> }[Kind];

const NOTHING: Buffer = Buffer.alloc(0);
const KINDS: ReadonlyMap<number, Kind> = new Map(
  (Object.keys(LAYOUTS) as Kind[]).map((kind) => [LAYOUTS[kind].type, kind]),
);

export function kindOf(type: number): Kind | undefined {
  return KINDS.get(type);
}

export function packet<K extends Kind>(
  kind: K,
  id: bigint,
  fields: FieldsOf<K>,
  data = NOTHING,
): PacketOf<K> {
  return { kind, id, fields, data };
}

/** The packet both sides begin with; what they agree on is what both announce. */
export function hello(version: string, capabilities: number): PacketOf<'hello'> {
  const data = Buffer.alloc(VERSION_LENGTH + 4);
  data.write(version, 0, VERSION_LENGTH - 1, 'latin1');
  data.writeUInt32LE(capabilities, VERSION_LENGTH);
  return packet('hello', 0n, {}, data);
}

export function readHello({ data }: PacketOf<'hello'>) {
  const [version = ''] = data.toString('latin1', 0, VERSION_LENGTH).split('\0');
  const announces = data.length >= VERSION_LENGTH + 4;
  return {
    version: version.replace(/[^ -~]/g, '?'),
    capabilities: announces ? data.readUInt32LE(VERSION_LENGTH) : 0,
  };
}

/** Length of what stands before each packet; hello comes before anything is agreed, so it has the short one. */
export function headLength(agreed: number): number {
  return (agreed & CAPABILITY.ids64) === 0 ? 12 : 16;
}

function widths({ fields }: Layout, agreed: number): readonly (readonly [string, number])[] {
  const width = (field: Field) => {
    if (typeof field === 'number') return field;
    return (agreed & field.needs) === 0 ? 0 : field.size;
  };
  return Object.entries(fields).map(([name, field]) => [name, width(field)]);
}

export function fieldsLength(layout: Layout, agreed: number): number {
  return widths(layout, agreed).reduce((sum, [, width]) => sum + width, 0);
}

/** `agreed`: the capabilities that both sides announced; hello is always written with none. */
export function encodePacket(message: Packet, agreed: number): Buffer {
  const layout: Layout = LAYOUTS[message.kind];
  const fields: Readonly<Record<string, number>> = message.fields;
  const head = Buffer.alloc(headLength(agreed) + fieldsLength(layout, agreed));
  head.writeUInt32LE(layout.type, 0);
  head.writeUInt32LE(head.length - headLength(agreed) + message.data.length, 4);
  if (headLength(agreed) === 12) head.writeUInt32LE(Number(message.id), 8);
  else head.writeBigUInt64LE(message.id, 8);
  let at = headLength(agreed);
  for (const [name, width] of widths(layout, agreed)) {
    if (width > 0) head.writeUIntLE(fields[name] ?? 0, at, width);
    at += width;
  }
  return Buffer.concat([head, message.data]);
}

/** `body` is what the head announced, and of a length that the kind may have. */
export function decodeBody(kind: Kind, id: bigint, body: Buffer, agreed: number): Packet {
  const fields: Record<string, number> = {};
  let at = 0;
  for (const [name, width] of widths(LAYOUTS[kind], agreed)) {
    fields[name] = width === 0 ? 0 : body.readUIntLE(at, width);
    at += width;
  }
  // The fields were made from the layout of this very kind, which the compiler cannot follow.
  return { kind, id, fields, data: body.subarray(at) } as unknown as Packet;
}
