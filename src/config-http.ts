import path from 'node:path';
import { z } from 'zod';

const file = z.string().min(1);

/** Where the API listens, and who may ask. */
export const httpSection = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65535).default(8374),
    keys: z
      .enum(['off', 'required'])
      .default('off')
      .describe(
        'required: every request needs a key (sarachi keys). off: whoever is at this machine may do everything, and the API listens on the loopback only.',
      ),
    names: z
      .array(z.string().regex(/^[a-z0-9._-]{1,253}$/, 'must be a host name in lower case'))
      .max(16)
      .default([])
      .describe('Names by which this rack is reached, as its certificate has them.'),
    tls: z
      .strictObject({
        certFile: file.describe('Certificate chain in PEM, relative to this file.'),
        keyFile: file.describe('Its private key in PEM, relative to this file.'),
      })
      .nullable()
      .default(null)
      .describe('Serve over TLS 1.2 or newer. null: plain HTTP.'),
    requestsPerSecond: z
      .number()
      .positive()
      .max(10_000)
      .default(100)
      .describe('Requests that one key may send from one address each second, in the long run.'),
    requestBurst: z
      .int()
      .min(1)
      .max(100_000)
      .default(400)
      .describe('How many of them may come at once.'),
  })
  .prefault({});

type Http = z.infer<typeof httpSection>;

/** The section with the files of its certificate where they are, seen from the folder of the configuration file. */
export function tlsFrom(folder: string, http: Http): Http {
  if (!http.tls) return http;
  const { certFile, keyFile } = http.tls;
  return {
    ...http,
    tls: { certFile: path.resolve(folder, certFile), keyFile: path.resolve(folder, keyFile) },
  };
}
