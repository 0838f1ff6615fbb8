/** The copy of Zendesk's document in which bodies of requests are closed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { closeRequests } from "./closed.ts";

const DOCUMENT = `
paths:
  /things:
    post:
      requestBody:
        content:
          application/json:
            schema: { $ref: "#/components/schemas/Request" }
      responses:
        "200":
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Base" }
components:
  schemas:
    Request:
      type: object
      properties:
        thing:
          allOf:
            - { $ref: "#/components/schemas/Base" }
            - { type: object, properties: { parts: { type: array, items: { $ref: "#/components/schemas/Base" } } } }
        free: { type: object, properties: {}, additionalProperties: true }
    Base: { type: object, properties: { id: { type: integer } }, required: [id] }
`;

test("references and parts of a body come together closed, what is said to be open and every answer stay open", () => {
  const base = { type: "object", properties: { id: { type: "integer" } }, required: ["id"] };
  const Closed = z.object({ paths: z.record(z.string(), z.unknown()) });
  const { paths } = Closed.parse(JSON.parse(closeRequests(DOCUMENT)));
  const schema = {
    additionalProperties: false,
    type: "object",
    properties: {
      thing: {
        additionalProperties: false,
        ...base,
        properties: {
          ...base.properties,
          parts: { type: "array", items: { additionalProperties: false, ...base } },
        },
      },
      free: { type: "object", properties: {}, additionalProperties: true },
    },
  };
  const content = { "application/json": { schema } };
  const answered = { "application/json": { schema: { $ref: "#/components/schemas/Base" } } };
  assert.deepEqual(paths, {
    "/things": {
      post: { requestBody: { content }, responses: { "200": { content: answered } } },
    },
  });
});
