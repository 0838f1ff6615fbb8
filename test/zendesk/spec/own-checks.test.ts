/** What the comparison finds by itself: each planted mistake that no schema tells, and nothing in what is right. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readDocument } from "./document.ts";
import { ownFindings } from "./own-checks.ts";
import { BY_EXAMPLE, isFound } from "./plants.ts";
import type { Recorded } from "./recording.ts";

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
