/** Descriptions of HTTP interfaces (OpenAPI 3.1), made from the schemas that their routes read and answer with. */

import { z } from "zod";
import type { JsonObject } from "#core/values/canonical-json.ts";

/** One operation, with every status it may answer. */
export interface DescribedOperation {
  readonly id: string;
  readonly method: "get" | "post";
  readonly path: string;
  readonly summary: string;
  readonly parameters: readonly JsonObject[];
  readonly body: z.ZodType | null;
  /** A JSON schema, or a sentence where the answer is a stream of events. */
  readonly answer: z.ZodType | string;
  readonly status?: number;
  /** Statuses of refusals, for which the interface has words. */
  readonly refusals: readonly number[];
}

/** What a description says of all its operations. */
interface Interface {
  readonly title: string;
  readonly server: string;
  /** What a refusal looks like, by what name and media type it goes, and what each status means. */
  readonly refusal: { readonly name: string; readonly schema: z.ZodType; readonly type: string };
  readonly meanings: Readonly<Record<number, string>>;
  readonly schemas?: Readonly<Record<string, z.ZodType>>;
  /** How callers are known, and whether they have to be. */
  readonly caller: {
    readonly name: string;
    readonly scheme: JsonObject;
    readonly mayLack: boolean;
  };
}

/** The description of these operations. */
export function openApi(about: Interface, operations: readonly DescribedOperation[]): JsonObject {
  const { title, server, refusal, schemas = {}, caller } = about;
  const paths: Record<string, JsonObject> = {};
  for (const operation of operations)
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: operationDocument(operation, about),
    };
  const named = Object.entries({ [refusal.name]: refusal.schema, ...schemas });
  return {
    openapi: "3.1.1",
    info: { title, version: "1" },
    servers: [{ url: server }],
    paths,
    components: {
      schemas: Object.fromEntries(named.map(([name, one]) => [name, plainSchema(one, "output")])),
      securitySchemes: { [caller.name]: { type: "http", ...caller.scheme } },
    },
    security: [...(caller.mayLack ? [{}] : []), { [caller.name]: [] }],
  };
}

function operationDocument(
  { id, summary, parameters, body, answer, status = 200, refusals }: DescribedOperation,
  { refusal, meanings }: Interface,
): JsonObject {
  const isStream = typeof answer === "string";
  const content = isStream
    ? { "text/event-stream": { schema: { type: "string" } } }
    : { "application/json": { schema: plainSchema(answer, "output") } };
  const sent = body && { "application/json": { schema: plainSchema(body, "input") } };
  const refused = { [refusal.type]: { schema: { $ref: `#/components/schemas/${refusal.name}` } } };
  return {
    operationId: id,
    summary,
    parameters: [...parameters],
    ...(sent && { requestBody: { required: true, content: sent } }),
    responses: {
      [status]: { description: isStream ? answer : "what was asked for", content },
      ...Object.fromEntries(
        refusals.map((one) => [one, { description: meanings[one] ?? "", content: refused }]),
      ),
    },
  };
}

/** OpenAPI 3.1 takes JSON Schema as it is (draft 2020-12), which zod writes. */
export function plainSchema(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
  return z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(rest)));
}
