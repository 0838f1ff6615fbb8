import assert from "node:assert/strict";
import { test } from "node:test";
import { annAsks, commentsOf, type Trial, ticketOf, trial, update } from "./client.ts";

/** Sends a form as a browser would and tells where it leads. */
async function submit(
  desk: Trial,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly location: string; readonly cookie: string }> {
  const response = await fetch(`${desk.zendesk.url}${path}`, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers,
    redirect: "manual",
  });
  const location = response.headers.get("location") ?? "";
  return { status: response.status, location, cookie: response.headers.get("set-cookie") ?? "" };
}

async function page(desk: Trial, path: string, cookie = ""): Promise<string> {
  return (await fetch(`${desk.zendesk.url}${path}`, { headers: { cookie } })).text();
}

test("what customers and teammates write is shown as text, never as markup", async (context) => {
  const desk = await trial(context);
  const attack = `<script>alert(1)</script><img src=x onerror="a('b')"> javascript:alert(1) https://x.test/"onclick="y`;
  const id = await annAsks(desk, attack);
  await update(desk, "bot", id, {
    comment: { html_body: `<p>${attack}</p>`, public: false },
    tags: ['"><b>'],
  });
  for (const path of ["/agent", `/agent/tickets/${id}`, "/hc/requests", `/hc/requests/${id}`]) {
    const text = await page(desk, path);
    assert.ok(text.includes("&lt;script&gt;alert(1)&lt;/script&gt;"), path);
    assert.doesNotMatch(text, /<script>alert|<img|<b>"|href="javascript|"onclick/u);
  }
  const shown = await fetch(`${desk.zendesk.url}/agent/tickets/${id}`);
  assert.match(
    shown.headers.get("content-security-policy") ?? "",
    /default-src 'none'.*script-src 'self'/u,
  );
});

test("a lead reassigns on the page, and the audit names the lead and the web", async (context) => {
  const desk = await trial(context);
  const { users, groups } = desk.zendesk;
  const id = await annAsks(desk);
  const chosen = await submit(desk, "/agent/act-as", {
    side: "agent",
    persona: "lee",
    back: `/agent/tickets/${id}`,
  });
  assert.deepEqual([chosen.status, chosen.location], [303, `/agent/tickets/${id}`]);
  const cookie = chosen.cookie.split(";")[0] ?? "";
  await submit(
    desk,
    `/agent/tickets/${id}/properties`,
    { assignment: `${groups.tier2}:${users.dana}` },
    { cookie },
  );
  const ticket = await ticketOf(desk, id);
  assert.deepEqual(
    [ticket.assignee_id, ticket.group_id, ticket.status],
    [users.dana, groups.tier2, "open"],
  );
  assert.match(await page(desk, `/agent/tickets/${id}`, cookie), /<b>Lee Park<\/b> changed/u);
  await submit(
    desk,
    `/agent/tickets/${id}/properties`,
    { assignment: `${groups.bot}:` },
    { cookie },
  );
  const back = await ticketOf(desk, id);
  assert.deepEqual([back.assignee_id, back.group_id], [null, groups.bot]);
});

test("the page's reply is public, its note is not, and only one of them reaches the customer", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const noted = await submit(desk, `/agent/tickets/${id}/comment`, {
    kind: "note",
    body: "careful here",
    status: "",
  });
  assert.deepEqual([noted.status, noted.location], [303, `/agent/tickets/${id}`]);
  await submit(desk, `/agent/tickets/${id}/comment`, {
    kind: "reply",
    body: "Hello Ann",
    status: "pending",
  });
  const comments = await commentsOf(desk, id);
  assert.deepEqual(
    comments.map(({ public: isPublic, author_id: author }) => [isPublic, author]),
    [
      [true, desk.zendesk.users.ann],
      [false, desk.zendesk.users.dana],
      [true, desk.zendesk.users.dana],
    ],
  );
  assert.equal((await ticketOf(desk, id)).status, "pending");
  const customer = await page(desk, `/hc/requests/${id}`);
  assert.ok(customer.includes("Hello Ann") && !customer.includes("careful here"));
  assert.match(
    await page(desk, `/agent/tickets/${id}`),
    /message note[\s\S]*Internal note[\s\S]*careful here/u,
  );
});

test("what the rules refuse is said on the page", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const refused = await submit(desk, `/agent/tickets/${id}/comment`, {
    kind: "reply",
    body: "Done",
    status: "solved",
  });
  assert.match(
    await page(desk, refused.location),
    /role="alert">Assignee: is required when solving a ticket/u,
  );
  assert.equal((await commentsOf(desk, id)).length, 1);
  const empty = await submit(desk, `/agent/tickets/${id}/comment`, {
    kind: "reply",
    body: "  ",
    status: "",
  });
  assert.match(await page(desk, empty.location), /Write something first\./u);
});

test("a customer writes, answers and rates on the help page, and sees no one else's requests", async (context) => {
  const desk = await trial(context);
  const made = await submit(desk, "/hc/requests", { subject: "Lamp", body: "Where is it?" });
  const id = Number(made.location.split("/").at(-1));
  assert.equal((await ticketOf(desk, id)).via.channel, "web");
  await update(desk, "dana", id, { assignee_id: desk.zendesk.users.dana, status: "solved" });
  await submit(desk, `/hc/requests/${id}/rating`, { score: "bad", comment: "late" });
  assert.equal((await ticketOf(desk, id)).satisfaction_rating.score, "bad");
  await submit(desk, `/hc/requests/${id}/comment`, { body: "Still waiting" });
  assert.equal((await ticketOf(desk, id)).status, "open");
  const bob = await fetch(`${desk.zendesk.url}/hc/requests/${id}`, {
    headers: { cookie: "customer=bob" },
  });
  assert.equal(bob.status, 404);
  const foreign = await submit(
    desk,
    `/hc/requests/${id}/comment`,
    { body: "mine" },
    { cookie: "customer=bob" },
  );
  assert.equal(foreign.status, 404);
});

test("where the account asks by survey, the customer gives one to five on its page, and again, and no other person does", async (context) => {
  const desk = await trial(context);
  await desk.control("PUT", "/settings", { satisfaction: "surveys" });
  const id = await annAsks(desk);
  await update(desk, "dana", id, { assignee_id: desk.zendesk.users.dana, status: "solved" });
  const path = `/hc/requests/${id}`;
  const empty = await submit(desk, `${path}/rating`, { comment: "late" });
  assert.match(await page(desk, empty.location), /role="alert">Choose a rating first\./u);
  await submit(desk, `${path}/rating`, { rating: "2", comment: "late" });
  assert.match(await page(desk, `/agent/tickets/${id}`), /rated 2 of 5 “late”/u);
  await submit(desk, `${path}/rating`, { rating: "5", comment: "" });
  assert.match(await page(desk, "/hc/requests"), /rated 5 of 5</u);
  const foreign = await submit(desk, `${path}/rating`, { rating: "1" }, { cookie: "customer=bob" });
  assert.equal(foreign.status, 404);
});

test("a ticket is merged into another on the agent page", async (context) => {
  const desk = await trial(context);
  const [target, source] = [await annAsks(desk, "First"), await annAsks(desk, "Second")];
  await submit(desk, `/agent/tickets/${source}/merge`, { into: String(target) });
  assert.equal((await ticketOf(desk, source)).status, "closed");
});

test("a form sent by a page of another site is refused, and act-as leads to our own pages only", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const fields = { kind: "reply", body: "from elsewhere", status: "" };
  const foreign = await submit(desk, `/agent/tickets/${id}/comment`, fields, {
    "sec-fetch-site": "cross-site",
  });
  assert.equal(foreign.status, 403);
  assert.equal((await commentsOf(desk, id)).length, 1);
  const switched = await fetch(`${desk.zendesk.url}/_sandbox/reset`, {
    method: "POST",
    headers: { "sec-fetch-site": "cross-site" },
  });
  assert.equal(switched.status, 403);
  const away = await submit(desk, "/agent/act-as", {
    side: "agent",
    persona: "lee",
    back: "//evil.test/",
  });
  assert.equal(away.location, "/agent");
});

test("the stamp an open page watches moves with every change of its ticket", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const before = await page(desk, `/agent/stamp/${id}`);
  assert.ok((await page(desk, `/agent/tickets/${id}`)).includes(`data-stamp="${before}"`));
  await update(desk, "bot", id, { comment: { body: "note", public: false } });
  assert.notEqual(await page(desk, `/agent/stamp/${id}`), before);
});
