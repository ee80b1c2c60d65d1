import type { FastifySchemaCompiler } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';

type Validated = ReturnType<ReturnType<typeof validatorCompiler>>;

/**
 * The zod validator, but for a query that says nothing: it comes to the same each time, so polls, which mostly say nothing, are not
 * parsed for it. Nobody can change the shared result.
 */
export const compileValidator: FastifySchemaCompiler<z.ZodType> = (route) => {
  const validate = validatorCompiler(route);
  if (route.httpPart !== 'querystring') return validate;
  let saysNothing: Validated | null = null;
  return (query: unknown) => {
    if (!isEmpty(query)) return validate(query);
    if (saysNothing) return saysNothing;
    const validated: Validated = validate(query);
    const { value } = validated as { value?: object };
    if (value !== undefined) saysNothing = { value: Object.freeze(value) };
    return saysNothing ?? validated;
  };
};

function isEmpty(query: unknown): boolean {
  for (const _ in query as object) return false;
  return true;
}
