import { type Description, LANGUAGE } from './descriptors.js';

/** The eight bytes of a control transfer's first stage, but for the length. */
export interface Setup {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

/** null: the device stalls, which is how it says that it does not know the request. */
export type ControlAnswer =
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'halt'; readonly endpoint: number; readonly halted: boolean }
  | null;

const TO_HOST = 0x80;
const TO_ENDPOINT = 0x02;
const REQUEST = { getStatus: 0, clearFeature: 1, setFeature: 3, getDescriptor: 6 } as const;
const DESCRIPTOR = { device: 1, configuration: 2, string: 3 } as const;
const ENDPOINT_HALT = 0;

/**
 * Answers the standard requests that usbredir leaves to control packets (USB 2.0, 9.4); everything else, class and
 * vendor requests and the qualifier of a high speed it has not among them, stalls.
 */
export function answerControl(
  device: Description,
  halted: ReadonlySet<number>,
  setup: Setup,
): ControlAnswer {
  const { requestType, request, value, index } = setup;
  if (requestType === TO_HOST && request === REQUEST.getDescriptor)
    return data(descriptor(device, setup));
  if (request === REQUEST.getStatus && value === 0) return status(device, halted, setup);
  const halt = request === REQUEST.clearFeature || request === REQUEST.setFeature;
  if (requestType !== TO_ENDPOINT || !halt || value !== ENDPOINT_HALT) return null;
  if (!hasEndpoint(device, index)) return null;
  return { kind: 'halt', endpoint: index, halted: request === REQUEST.setFeature };
}

function data(bytes: Buffer | undefined): ControlAnswer {
  return bytes ? { kind: 'data', bytes } : null;
}

function descriptor(device: Description, { value, index }: Setup): Buffer | undefined {
  const [type, number] = [value >> 8, value & 0xff];
  if (type === DESCRIPTOR.device && number === 0) return device.device;
  if (type === DESCRIPTOR.configuration && number === 0) return device.configuration;
  // The list of languages is asked for in none.
  if (type === DESCRIPTOR.string && (number === 0 || index === LANGUAGE))
    return device.strings[number];
  return undefined;
}

function status(device: Description, halted: ReadonlySet<number>, setup: Setup): ControlAnswer {
  const { requestType, index } = setup;
  const known = [
    index === 0,
    index < device.face.interfaces.length,
    hasEndpoint(device, index) || (index & 0x7f) === 0,
  ];
  if ((requestType & TO_HOST) === 0 || known[requestType & 0x7f] !== true) return null;
  const stalls = requestType === (TO_HOST | TO_ENDPOINT) && halted.has(index);
  return data(Buffer.from([stalls ? 1 : 0, 0]));
}

function hasEndpoint({ endpoints }: Description, address: number): boolean {
  return endpoints.some((each) => each.address === address);
}
