/** The marks a person is found by in names of chats, threads and events. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { personMarks, type PersonName } from "#store/people/person-names.ts";

const isIn = (name: PersonName, text: string): boolean =>
  personMarks(name).some((mark) => new RegExp(mark).test(text));

const id = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const random = fc.stringMatching(/^[\w-]{8,40}$/).map((text) => text.toLowerCase());

test("a chat bears its user and no user whose id only begins or ends alike", () => {
  fc.assert(
    fc.property(id, id, random, random, (user, more, conversation, message) => {
      const name: PersonName = { kind: "customer", value: user };
      assert.ok(isIn(name, `chat:${user}:${conversation}`));
      assert.ok(isIn(name, `chat:${user}:${conversation}:${message}`));
      // With a colon in an id what follows could be either; the row of its key says whose chat it is.
      if (more.length < 8) assert.ok(!isIn(name, `chat:${user}:${more}:${conversation}`));
      assert.ok(!isIn(name, `chat:${user}${more}:${conversation}`));
      assert.ok(!isIn(name, `chat:${more}${user}:${conversation}`) || more === "");
    }),
  );
});

test("a thread bears its address and none that only begins or ends alike", () => {
  const name: PersonName = { kind: "email", value: "ann@shop.test" };
  for (const text of ["mail:ann@shop.test:abc", "<ann@shop.test>", "ann@shop.test."])
    assert.ok(isIn(name, text), text);
  for (const text of ["mail:joann@shop.test:abc", "ann@shop.test.example", "ann@shop.tests"])
    assert.ok(!isIn(name, text), text);
});
