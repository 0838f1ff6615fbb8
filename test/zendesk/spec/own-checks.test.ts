/** What the comparison finds by itself: each planted mistake that no schema tells, and nothing in what is right; bodies that are closed; and what is made of all findings. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readDocument, closeRequests } from "./document.ts";
import { ownFindings } from "./own-checks.ts";
import { BY_EXAMPLE, isFound } from "./plants.ts";
import type { Recorded } from "./recording.ts";
import { z } from "zod";
import { DEVIATIONS } from "./deviations.ts";
import { judge } from "./judge.ts";
import type { Violation } from "./replay.ts";

/** Shaped as the vendor's: parameters by reference, of the path and of the operation, and examples of the answers. */
const DOCUMENT = `
components:
  parameters:
    Start: { name: start_time, in: query, schema: { type: integer } }
  responses:
    Ticket:
      content:
        application/json:
          examples:
            default:
              value: { ticket: { id: 35, updated_at: "2026-01-01T00:00:00Z", tags: [a], via: { channel: web } } }
paths:
  /api/v2/tickets:
    get:
      parameters: [{ name: external_id, in: query }]
      responses: { "200": { content: { application/json: { example: { tickets: [{ id: 1 }] } } } } }
  /api/v2/tickets/{ticket_id}:
    get: { responses: { "200": { $ref: "#/components/responses/Ticket" } } }
  /api/v2/tickets/show_many:
    get:
      parameters: [{ name: ids, in: query }]
      responses: { "200": { content: { application/json: { example: { tickets: [] } } } } }
  /api/v2/tickets/{ticket_id}/comments:
    get:
      responses:
        "200": { content: { application/json: { example: { comments: [{ id: 1 }], count: 1 } } } }
  /api/v2/tickets/{ticket_id}/audits:
    get:
      responses:
        "200":
          content:
            application/json:
              example:
                audits: [{ id: 1, events: [{ id: 2, type: Comment }, { id: 3, type: Change, value: x }] }]
  /api/v2/incremental/tickets/cursor:
    parameters: [{ $ref: "#/components/parameters/Start" }]
    get:
      responses:
        "200":
          content:
            application/json:
              example: { after_cursor: abc, end_of_stream: true, tickets: [{ id: 1 }] }
  /api/v2/requests:
    post: { responses: { "201": { content: { application/json: { example: { request: { id: 1 } } } } } } }
`;
const find = readDocument(DOCUMENT);

for (const plant of BY_EXAMPLE)
  test(`finds ${plant.name}`, () => {
    assert.ok(isFound(plant, ownFindings(plant.call, find)));
  });

const RIGHT: readonly (readonly [target: string, answer: unknown])[] = [
  ["/api/v2/tickets/35", { ticket: { id: 35, updated_at: null, tags: [], via: {} } }],
  ["/api/v2/tickets/show_many?ids=1,2", { tickets: [] }],
  [
    "/api/v2/tickets?external_id=7&page[size]=1",
    { tickets: [], meta: { has_more: false }, links: {} },
  ],
  ["/api/v2/tickets/35/comments", { comments: [{ id: 1, more: true }] }],
  ["/api/v2/tickets/35/audits", { audits: [{ id: 1, events: [{ id: 2, type: "Notification" }] }] }],
  [
    "/api/v2/incremental/tickets/cursor?start_time=1",
    { after_cursor: null, end_of_stream: false, tickets: [] },
  ],
  ["/api/v2/no_such_thing", {}],
];

for (const [target, answer] of RIGHT)
  test(`finds nothing in ${target}`, () => {
    const call: Recorded = {
      method: "GET",
      target,
      requestType: null,
      status: 200,
      headers: {},
      body: JSON.stringify(answer),
    };
    assert.deepEqual(ownFindings(call, find), []);
  });

test("a request with what the text describes is right, and a failure is not judged by an example", () => {
  const fixed = { headers: {}, requestType: "application/json" };
  const request = { subject: "Hello", comment: { body: "Where is 123?" } };
  const post = { ...fixed, method: "POST", target: "/api/v2/requests", requestBody: { request } };
  assert.deepEqual(ownFindings({ ...post, status: 201, body: '{"request":{"id":1}}' }, find), []);
  const refused = { ...post, requestBody: null, status: 422, body: '{"error":"RecordInvalid"}' };
  assert.deepEqual(ownFindings(refused, find), []);
});

const OPEN_DOCUMENT = `
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
  const { paths } = Closed.parse(JSON.parse(closeRequests(OPEN_DOCUMENT)));
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

function call(changed: Partial<Recorded> = {}, body: unknown = {}): Recorded {
  return {
    method: "GET",
    target: "/api/v2/tickets/35?include=users",
    requestType: null,
    status: 200,
    headers: {},
    body: JSON.stringify(body),
    ...changed,
  };
}

function wrong(message: string, ...location: (string | number)[]): Violation {
  return { severity: "Error", location, message };
}

test("what the sandbox refused as well is no violation; what it accepted is", () => {
  const found = [[wrong("Request body property x must be string", "request", "body", "x")]];
  assert.equal(judge([call({ status: 422 })], found, []).refused, 1);
  assert.equal(judge([call({ status: 200 })], found, []).violations.length, 1);
});

test("an endpoint the document does not have is a violation unless the list says so", () => {
  const found = [[wrong("Selected route not found", "request")]];
  const at = (target: string) => judge([call({ target })], found, DEVIATIONS).violations.length;
  assert.equal(at("/api/v2/webhooks/01J9/invocations"), 0);
  assert.equal(at("/api/v2/webhooked"), 1);
  assert.equal(at("/api/v2/webhooks.json"), 1);
  assert.equal(at("/api/v2/tickets/35.json"), 1);
  assert.equal(at("/api/v2/invented"), 1);
});
