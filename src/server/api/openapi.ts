/** The description of the API. */

import { z } from "zod";
import type { JsonObject } from "#core/values/canonical-json.ts";
import { openApi, plainSchema } from "#server/http/openapi.ts";
import { PROBLEM_TYPE } from "#server/http/problem.ts";
import type { Operation } from "./operation.ts";

/** Where the API is mounted. */
export const API_PATH = "/api/v1";

const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("what happened, and what to do"),
    code: z.string().describe("for programs, such as `input.rate_limited`"),
  })
  .describe("problem details (RFC 9457)");

const MEANINGS: Readonly<Record<number, string>> = {
  400: "the request cannot be read; every field that is wrong is named",
  401: "no token, or one that is unknown, expired or revoked",
  403: "the token's scope, or its holder's role now, does not reach",
  404: "nothing that you may see has this id",
  409: "the first request with this key is under way, or the decision does not count",
  413: "the body is too large",
  415: "the body is no JSON",
  422: "the Idempotency-Key was used for another request",
  429: "too many requests; Retry-After says when to come again",
  503: "this cannot be taken now; Retry-After says when to come again",
};
const OF_CHANGES = [409, 413, 415, 422];
const STATUSES = Object.keys(MEANINGS).map(Number);

const KEY = parameter("header", "Idempotency-Key", { type: "string", maxLength: 255 }, true);

/** The description of these operations. */
export function apiDocument(operations: readonly Operation[]): JsonObject {
  return openApi(
    {
      title: "Deskhand",
      server: API_PATH,
      refusal: { name: "Problem", schema: Problem, type: PROBLEM_TYPE },
      meanings: MEANINGS,
      caller: { name: "token", scheme: { scheme: "bearer" }, mayLack: false },
    },
    operations.map(({ name, scope, sent, summary, ...operation }) => {
      const isChange = operation.method === "post";
      const hasId = operation.path.includes("{id}");
      return {
        ...operation,
        id: name,
        summary: `${summary} Scope: ${scope}.`,
        parameters: [
          ...(hasId ? [parameter("path", "id", { type: "string" }, true)] : []),
          ...(isChange ? [KEY] : queryParameters(sent)),
        ],
        body: isChange ? sent : null,
        refusals: STATUSES.filter(
          (status) => (isChange || !OF_CHANGES.includes(status)) && (hasId || status !== 404),
        ),
      };
    }),
  );
}

function parameter(where: string, name: string, schema: JsonObject, required: boolean): JsonObject {
  return { name, in: where, required, schema };
}

const QuerySchema = z.looseObject({
  properties: z.record(z.string(), z.record(z.string(), z.json())).default({}),
});

function queryParameters(sent: z.ZodType): readonly JsonObject[] {
  const { properties } = QuerySchema.parse(plainSchema(sent, "input"));
  return Object.entries(properties).map(([name, schema]) =>
    parameter("query", name, schema, false),
  );
}
