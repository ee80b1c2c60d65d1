import { z } from 'zod';
import { PRINTED_MARKS } from '../marks.js';
import { selector } from './selectors.js';

/** An RFC 6901 pointer. */
const jsonPointer = z.string().regex(/^(\/[^/]*)+$/, 'must look like /result/mark');

/** How marks stand in a JSON reply. */
export const jsonMarks = z.strictObject({
  mark: jsonPointer,
  marks: z
    .record(z.string().min(1).max(100), z.enum(PRINTED_MARKS))
    .refine((table) => Object.keys(table).length > 0, 'no value has a mark'),
  imei: jsonPointer.nullish(),
  notFound: z.strictObject({ pointer: jsonPointer, equals: z.string().min(1).max(100) }).nullish(),
});

const CONSENT = {
  enabled: z.boolean().default(false),
  termsAcceptedBy: z.string().trim().min(1).max(120).nullable().default(null),
  termsAcceptedAt: z.iso
    .date()
    .or(z.iso.datetime({ offset: true }))
    .nullable()
    .default(null),
};

interface Consent {
  readonly enabled: boolean;
  readonly termsAcceptedBy: string | null;
  readonly termsAcceptedAt: string | null;
}

/** Nobody asks a carrier's page by machine before a person has answered for it. */
function consented(source: Consent): boolean {
  return !source.enabled || (source.termsAcceptedBy !== null && source.termsAcceptedAt !== null);
}
const NOT_CONSENTED =
  'enabled needs termsAcceptedBy and termsAcceptedAt: who accepted the terms of this site, and when';

const charset = z.string().refine(isCharset, 'is no charset that a browser knows');

function isCharset(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const WEB = {
  ...CONSENT,
  base: z.url({ protocol: /^https?$/ }).refine((url) => url.endsWith('/'), 'must end with /'),
  charset,
  unconfirmed: z.boolean().default(false),
};

const path = z.string().min(1).max(200);

/** A site that is asked by filling in its form. */
export const formSource = <Result extends z.ZodType>(result: Result) =>
  z
    .strictObject({
      ...WEB,
      form: z.strictObject({
        before: z.array(path).max(5).default([]),
        page: path,
        field: selector,
        submit: selector.nullable().default(null),
        hidden: z.array(z.string().min(1).max(100)).max(20).default([]),
      }),
      result,
    })
    .refine(consented, NOT_CONSENTED);

/** A site that is asked by the JSON behind its page. */
export const jsonSource = <Result extends z.ZodType>(result: Result) =>
  z
    .strictObject({
      ...WEB,
      json: jsonMarks.extend({ path: path.includes('{imei}') }),
      result,
    })
    .refine(consented, NOT_CONSENTED);

/** A partner's HTTP interface; its secret stands in the environment, never in the file. */
export const apiSource = z
  .strictObject({
    ...CONSENT,
    url: z
      .url({ protocol: /^https?$/ })
      .includes('{imei}')
      .refine(isSafeForSecrets, {
        message: 'must be https: it carries a secret',
      }),
    secret: z.strictObject({
      header: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
      env: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/),
      prefix: z.string().max(20).default(''),
    }),
    json: jsonMarks,
  })
  .refine(consented, NOT_CONSENTED);
export type ApiRules = z.infer<typeof apiSource>;

function isSafeForSecrets(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}
