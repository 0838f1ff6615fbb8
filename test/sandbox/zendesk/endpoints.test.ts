/** The endpoints as a whole, and what Zendesk does by itself that no other file of these tests is about. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { endpoints } from "#sandbox/zendesk/http/api.ts";
import { circuitBreaker } from "#sandbox/zendesk/webhooks/circuit-breaker.ts";
import { EVENT_TYPES } from "#sandbox/zendesk/webhooks/events.ts";
import { listen } from "#test/zendesk/servers.ts";
import { annAsks, ticketOf, trial, update } from "./client.ts";

const Made = z.record(z.string(), z.looseObject({ id: z.union([z.string(), z.number()]) }));

test("every list and record there is can be read", async (context) => {
  const desk = await trial(context);
  const { users, groups } = desk.zendesk;
  const id = await annAsks(desk);
  const idOf = (body: unknown): string => String(Object.values(Made.parse(body))[0]?.id);
  await update(desk, "dana", id, { assignee_id: users.dana, status: "solved" });
  const rating = { satisfaction_rating: { score: "good" } };
  await desk.call("ann", "POST", `/tickets/${id}/satisfaction_rating`, rating);
  const webhook = await desk.call("admin", "POST", "/webhooks", {
    webhook: {
      name: "one",
      endpoint: "http://127.0.0.1:9/",
      http_method: "POST",
      request_format: "json",
      status: "inactive",
    },
  });
  const ids: Record<string, string> = {
    tickets: String(id),
    requests: String(id),
    users: String(users.dana),
    groups: String(groups.tier2),
    webhooks: idOf(webhook.body),
  };
  desk.clock.ms += 120_000;
  const query: Record<string, string> = {
    "/incremental/tickets/cursor": "?start_time=1",
    "/help_center/incremental/articles": "?start_time=1",
    "/users/search": "?query=ann",
    "/users/show_many": `?ids=${users.ann},${users.dana}`,
  };
  const seen: string[] = [];
  for (const route of endpoints().filter(({ method }) => method === "get")) {
    const [, segment = ""] = route.path.split("/");
    // Surveys are there only on accounts that ask by survey.
    const known =
      segment !== "guide" && (!route.path.includes(":id") || ids[segment] !== undefined);
    const path = route.path.replace(":locale", "de").replace(":id", ids[segment] ?? "1");
    const who = segment === "requests" ? "ann" : "admin";
    const { status } = await desk.call(who, "GET", `${path}${query[route.path] ?? ""}`);
    assert.ok(known ? status === 200 : status < 500, `${route.path} answers ${status}`);
    if (status === 200) seen.push(route.path);
  }
  assert.ok(seen.length >= 24, `${seen.length} endpoints were read`);
});

test("an address may end in .json, but not one of webhooks and surveys", async (context) => {
  const desk = await trial(context);
  const asked = async (path: string) => await desk.call("admin", "GET", path);
  for (const query of ["", "?page[size]=1"]) {
    assert.equal((await asked(`/satisfaction_ratings.json${query}`)).status, 200);
    for (const path of ["/webhooks", "/webhooks/1/signing_secret", "/guide/survey_responses"])
      assert.match(JSON.stringify(await asked(`${path}.json${query}`)), /404.*InvalidEndpoint/u);
  }
});

test("an agent is in a group once, and an admin puts them there", async (context) => {
  const desk = await trial(context);
  const { users, groups } = desk.zendesk;
  const join = (who: "dana" | "admin") =>
    desk.call(who, "POST", "/group_memberships", {
      group_membership: { user_id: users.sam, group_id: groups.sensitive },
    });
  assert.equal((await join("dana")).status, 403);
  assert.equal((await join("admin")).status, 201);
  assert.equal((await join("admin")).status, 422);
});

test("a priority can be changed and not cleared", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  await update(desk, "dana", id, { priority: "high" });
  await update(desk, "dana", id, { priority: null, subject: "Cleared?" });
  assert.equal((await ticketOf(desk, id))["priority"], "high");
});

test("paging by number ends at ten thousand records", async (context) => {
  const desk = await trial(context);
  const deep = await desk.call("bot", "GET", "/tickets?page=101&per_page=100");
  assert.equal(deep.status, 400);
  assert.match(JSON.stringify(deep.body), /"code":"InvalidPaginationDepth"/u);
});

test("an endpoint that refuses a hundred events gets no more until five seconds later, and then one", async (context) => {
  const desk = await trial(context);
  const asked: string[] = [];
  const server = await listen((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(500).end();
  });
  context.after(server.close);
  desk.zendesk.setWebhook(server.url, EVENT_TYPES);
  // A new request is two events: that it was made, and its first comment.
  await Promise.all(Array.from({ length: 50 }, () => annAsks(desk)));
  await desk.zendesk.webhooksIdle();
  assert.equal(asked.length, 100);
  await annAsks(desk);
  await desk.zendesk.webhooksIdle();
  assert.equal(asked.length, 100);
  desk.clock.ms += 5_000;
  await annAsks(desk);
  await desk.zendesk.webhooksIdle();
  assert.equal(asked.length, 101);
});

test("a webhook whose requests fail is spared for five seconds, then tried once, and goes on once one succeeds", () => {
  const clock = { ms: 0 };
  const breaker = circuitBreaker(() => clock.ms);
  for (let one = 0; one < 30; one += 1) breaker.recordResult("w", false);
  for (let one = 0; one < 69; one += 1) breaker.recordResult("w", true);
  assert.equal(breaker.allows("w"), true, "69 of 99 is below the share");
  breaker.recordResult("w", true);
  assert.equal(breaker.allows("w"), false);
  assert.equal(breaker.allows("another"), true);
  clock.ms += 5_000;
  assert.deepEqual([breaker.allows("w"), breaker.allows("w")], [true, false]);
  breaker.recordResult("w", true);
  assert.equal(breaker.allows("w"), false);
  clock.ms += 5_000;
  assert.equal(breaker.allows("w"), true);
  breaker.recordResult("w", false);
  assert.deepEqual([breaker.allows("w"), breaker.allows("w")], [true, true]);
});
