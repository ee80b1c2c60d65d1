import type { Firmware, Hardware } from './firmware.js';
import { RcS300 } from './rc-s300.js';
import { RcS380 } from './rc-s380.js';
import type { EndpointDescription, InterfaceDescription } from './transfers.js';

interface ReaderModel {
  readonly productId: number;
  readonly product: string;
  readonly interfaces: readonly InterfaceDescription[];
  readonly firmware: (hardware: Hardware) => Firmware;
}

const VENDOR_CLASS = 0xff;
const SMART_CARD_CLASS = 0x0b;

function bulk(address: number): EndpointDescription {
  return { address, type: 'bulk', maxPacketSize: 64 };
}

const PORT_100: readonly InterfaceDescription[] = [
  { number: 0, interfaceClass: VENDOR_CLASS, endpoints: [bulk(0x02), bulk(0x81)] },
];

const PORT_400: readonly InterfaceDescription[] = [
  {
    number: 0,
    interfaceClass: SMART_CARD_CLASS,
    endpoints: [bulk(0x01), bulk(0x81), { address: 0x83, type: 'interrupt', maxPacketSize: 8 }],
  },
  { number: 1, interfaceClass: VENDOR_CLASS, endpoints: [bulk(0x02), bulk(0x82)] },
];

const RC_S300_NAME = 'FeliCa Port/PaSoRi 4.0';

/** Sony's readers by model. */
export const READER_MODELS = {
  'RC-S380/S': {
    productId: 0x06c1,
    product: 'RC-S380/S',
    interfaces: PORT_100,
    firmware: (hardware) => new RcS380(hardware),
  },
  'RC-S380/P': {
    productId: 0x06c3,
    product: 'RC-S380/P',
    interfaces: PORT_100,
    firmware: (hardware) => new RcS380(hardware),
  },
  'RC-S300/S': {
    productId: 0x0dc8,
    product: RC_S300_NAME,
    interfaces: PORT_400,
    firmware: (hardware) => new RcS300(hardware),
  },
  'RC-S300/P': {
    productId: 0x0dc9,
    product: RC_S300_NAME,
    interfaces: PORT_400,
    firmware: (hardware) => new RcS300(hardware),
  },
} as const satisfies Readonly<Record<string, ReaderModel>>;

export type ReaderModelName = keyof typeof READER_MODELS;
