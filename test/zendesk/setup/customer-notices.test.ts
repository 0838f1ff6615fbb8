/** What triggers say about the mail that brings replies to customers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { noticesOf } from "#zendesk/setup/account.ts";

const silent = { field: "current_tags", operator: "not_includes", value: "vip deskhand_linked" };
const change = [
  { field: "update_type", operator: "is", value: "Change" },
  { field: "comment_is_public", operator: "is", value: "not_relevant" },
];

function trigger(
  all: typeof change,
  active = true,
  to: unknown = ["requester_and_ccs", "Re:", ""],
) {
  const actions = [{ field: "notification_user", value: to }];
  return { id: 1, title: "Notify", active, conditions: { all, any: [] }, actions };
}

test("a trigger for public comments that leaves linked tickets alone is good", () => {
  assert.equal(noticesOf([trigger([...change, silent])]).state, "good");
});

test("one that is switched off, mails another person or is for new tickets only does not count", () => {
  const others = [
    trigger([...change, silent], false),
    trigger([...change, silent], true, ["assignee_id", "Re:", ""]),
    trigger([{ field: "update_type", operator: "is", value: "Create" }, silent]),
  ];
  assert.equal(noticesOf(others).state, "none");
});

test("one that mails linked tickets too is named, also beside a good one", () => {
  const both = [trigger([...change, silent]), trigger(change)];
  assert.equal(noticesOf(both).state, "twice");
});
