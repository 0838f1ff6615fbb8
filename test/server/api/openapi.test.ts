/** The API's description: valid OpenAPI, and true of every route. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { chatOpenApi } from "#server/chat/schema.ts";
import { apiDocument } from "#server/api/operation.ts";
import { OPERATIONS } from "#server/api/routes.ts";
import { TokenScope } from "#store/identity/access-tokens.ts";
import { z } from "zod";
import { describedRefusals } from "./bench.ts";

const Document = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        operationId: z.string(),
        summary: z.string(),
        parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })),
        responses: z.record(z.string(), z.looseObject({})),
      }),
    ),
  ),
});

describe("the description of the API", () => {
  for (const [name, document] of [
    ["the API's", apiDocument(OPERATIONS)],
    ["the chat's", chatOpenApi()],
  ] as const)
    test(`${name} is valid OpenAPI 3.1`, async () => {
      const validator = new Validator();
      const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)));
      assert.equal(valid, true, JSON.stringify(errors));
      assert.equal(validator.version, "3.1");
    });

  test("each operation is there once, with its scope, its key and its refusals", () => {
    const { paths } = Document.parse(apiDocument(OPERATIONS));
    const statuses = [400, 401, 403, 404, 409, 413, 415, 422, 429, 503];
    assert.deepEqual([...describedRefusals(apiDocument(OPERATIONS))], statuses);
    const names = new Set<string>();
    for (const { name, path, method, scope } of OPERATIONS) {
      const one = paths[path]?.[method];
      assert.ok(one, `${method} ${path}`);
      assert.equal(one.operationId, name);
      names.add(name);
      assert.match(one.summary, new RegExp(`Scope: ${scope}`));
      assert.ok(TokenScope.options.includes(scope));
      const key = one.parameters.some((parameter) => parameter.name === "Idempotency-Key");
      assert.equal(key, method === "post", path);
      assert.deepEqual(one.responses["default"], { $ref: "#/components/responses/Refusal" }, path);
    }
    assert.equal(names.size, OPERATIONS.length);
  });
});
