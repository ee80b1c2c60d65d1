import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Log } from '../log.js';
import type { Access } from './access/admission.js';
import type { PanelSettings } from './floor-plan.js';

export interface HttpOptions {
  /** Address or name to bind; loopback unless the operator says otherwise. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly log: Log;
  /** Version of this daemon, shown on the panel and in the OpenAPI document. */
  readonly version: string;
  readonly panel: PanelSettings;
  /** Keys and their limits; left out: nobody has one, and whoever is at this machine may do everything. */
  readonly access?: Access | null;
  /** Certificate chain and key in PEM; left out: plain HTTP. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | null;
  /** Host names that are ours beside the bound one; lower case. */
  readonly names?: readonly string[];
}

/** The HTTP framework with zod as its schema language. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
