import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { annAsks, Ticket, trial, Written } from "./client.ts";

const Users = z.looseObject({
  users: z.array(z.looseObject({ id: z.number(), email: z.string().nullable() })),
});
test("a ticket can be created for a person by address, who is created when unknown", async (context) => {
  const desk = await trial(context);
  const made = await desk.call("bot", "POST", "/tickets", {
    ticket: {
      requester: { name: "Zoe", email: "zoe@new.test" },
      comment: { body: "Hello there", public: false },
      group_id: desk.zendesk.groups.tier2,
    },
  });
  assert.equal(made.status, 201);
  const { ticket } = Written.parse(made.body);
  assert.equal(ticket.subject, "Hello there");
  const found = Users.parse(
    (await desk.call("bot", "GET", "/users/search?query=email:ZOE@new.test")).body,
  );
  assert.deepEqual(
    found.users.map((user) => user.id),
    [ticket.requester_id],
  );
});

test("groups, memberships and staff are the sample world's", async (context) => {
  const desk = await trial(context);
  const { groups, users } = desk.zendesk;
  const listed = await desk.call("bot", "GET", "/groups");
  const names = z
    .looseObject({ groups: z.array(z.looseObject({ id: z.number(), name: z.string() })) })
    .parse(listed.body);
  assert.deepEqual(
    names.groups.map((group) => [group.id, group.name]),
    [
      [groups.bot, "Deskhand"],
      [groups.tier2, "Tier 2"],
      [groups.sensitive, "Sensitive"],
    ],
  );
  const members = await desk.call(
    "bot",
    "GET",
    `/groups/${groups.sensitive}/memberships?page[size]=100`,
  );
  const rows = z
    .looseObject({
      group_memberships: z.array(z.looseObject({ user_id: z.number() })),
    })
    .parse(members.body);
  assert.deepEqual(
    rows.group_memberships.map((row) => row.user_id),
    [users.dana, users.lee, users.lea],
  );
});

test("the list leaves deleted tickets out", async (context) => {
  const desk = await trial(context);
  const [first, second] = [await annAsks(desk, "one"), await annAsks(desk, "two")];
  assert.equal((await desk.call("admin", "DELETE", `/tickets/${first}`)).status, 204);
  const Listed = z.looseObject({ tickets: z.array(Ticket), count: z.number() });
  const { tickets, count } = Listed.parse((await desk.call("bot", "GET", "/tickets")).body);
  assert.deepEqual([tickets.map(({ id }) => id), count], [[second], 1]);
  assert.equal((await desk.call("bot", "GET", `/tickets/${first}`)).status, 404);
});

test("a refused ticket leaves no user behind who was created for it", async (context) => {
  const desk = await trial(context);
  const ticket = { requester: { email: "zoe@new.test" }, comment: { body: " " } };
  assert.equal((await desk.call("bot", "POST", "/tickets", { ticket })).status, 422);
  const found = await desk.call("bot", "GET", "/users/search?query=zoe@new.test");
  assert.deepEqual(Users.parse(found.body).users, []);
});
