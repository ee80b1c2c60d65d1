import swagger from '@fastify/swagger';
import { fastify } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { Admission } from './access/admission.js';
import type { App, HttpOptions } from './context.js';
import { onlyUsedSchemas } from './document.js';
import { answerClientError, answerRouterError, handleErrors } from './error-handling.js';
import { refuseOtherMethods } from './methods.js';
import { loadPanel } from './panel-files.js';
import { compileValidator } from './query-validator.js';
import type { RackApi } from './rack-api.js';
import { guardRequests } from './request-hooks.js';
import { carrierRoutes } from './routes/carriers.js';
import { eventRoutes } from './routes/events.js';
import { healthRoutes } from './routes/health.js';
import { indexRoutes } from './routes/index.js';
import { ledRoutes } from './routes/leds.js';
import { logLevelRoutes } from './routes/log-level.js';
import { metricsRoute } from './routes/metrics.js';
import { panelRoutes } from './routes/panel.js';
import { planRoutes } from './routes/plan.js';
import { portRoutes } from './routes/ports.js';
import { queueRoutes } from './routes/queues.js';
import { restrictionImportRoute } from './routes/restriction-import.js';
import { restrictionRoutes } from './routes/restrictions.js';
import { runRoutes } from './routes/runs.js';
import { sessionRoutes } from './routes/session.js';
import { validationRoute } from './routes/validation.js';

const BODY_LIMIT_BYTES = 64 * 1024;
const HEADERS_MS = 10_000;
const REQUEST_MS = 15_000;
const KEEP_ALIVE_MS = 10_000;
const HANDLER_MS = 30_000;

/** The options of node's own server, with TLS where there is a certificate. */
function listenerOf({ tls = null }: HttpOptions) {
  const headersTimeout = HEADERS_MS;
  return tls
    ? { https: { ...tls, headersTimeout, minVersion: 'TLSv1.2' as const } }
    : { http: { headersTimeout } };
}

/** Every route with its guards, ready to be listened on or injected into. */
export async function buildApp(api: RackApi, options: HttpOptions): Promise<App> {
  const app: App = fastify({
    // Its own request log would print the query, which may hold an IMEI.
    logger: false,
    trustProxy: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    ...listenerOf(options),
    frameworkErrors: answerRouterError,
    clientErrorHandler: answerClientError,
  }).withTypeProvider<ZodTypeProvider>();

  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');
  app.addHook('onRoute', (route) => {
    if (!route.config?.inTime) route.handlerTimeout ??= HANDLER_MS;
  });
  const admission = new Admission(options.access ?? null);
  guardRequests(app, options, admission);
  handleErrors(app, options.log);
  // Awaited: the plug-in learns of routes only once it is loaded.
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sarachi',
        version: options.version,
        description: 'The state of the rack, its runs and what they proved.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (input) => onlyUsedSchemas(jsonSchemaTransformObject(input)),
  });
  const known = refuseOtherMethods(app);
  portRoutes(app, api);
  ledRoutes(app, api);
  const streams = eventRoutes(app, api, options.log, admission);
  runRoutes(app, api);
  validationRoute(app, api);
  sessionRoutes(app, options);
  queueRoutes(app, api);
  restrictionRoutes(app, api);
  await restrictionImportRoute(app, api);
  carrierRoutes(app, api);
  healthRoutes(app, api, options);
  planRoutes(app, api, options);
  panelRoutes(app, loadPanel(), options.log);
  metricsRoute(app, api, () => ({ eventStreams: streams.size }));
  logLevelRoutes(app, api);
  indexRoutes(app, options);
  known.close();
  await app.ready();
  return app;
}
