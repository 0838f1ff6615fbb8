/** Requests in Zendesk, and leads who steer there. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { decide } from "#test/support/decide.ts";
import { MAIN_DATABASE, type Deskhand } from "#test/support/deskhand.ts";
import { sharedDeskhand } from "#test/support/shared-deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { shownText } from "#test/support/slack.ts";
import { answerInHelpCenter, askInHelpCenter } from "#test/support/help-center.ts";

const Comments = z.looseObject({
  comments: z.array(z.looseObject({ body: z.string(), public: z.boolean(), author_id: z.int() })),
});
const Me = z.looseObject({ user: z.looseObject({ id: z.int() }) });

describe(`Zendesk on ${MAIN_DATABASE}`, () => {
  let deskhand: Deskhand;
  before(async () => {
    deskhand = await sharedDeskhand("requests");
  });
  const helpCenter = (): string => deskhand.endpoints.zendesk?.url ?? "";
  const file = (subject: string, body: string): Promise<number> =>
    askInHelpCenter(helpCenter(), "ann", { subject, body });
  const comments = async (id: number) =>
    Comments.parse(await deskhand.zendesk("admin", `/tickets/${id}/comments`)).comments;
  const idOf = async (who: "dana" | "bot" | "lee" | "ann") =>
    Me.parse(await deskhand.zendesk(who, "/users/me")).user.id;
  const assign = (id: number, ticket: unknown) =>
    deskhand.zendesk("lee", `/tickets/${id}`, { ticket }, "PUT");

  test("a signed-in request gets a draft as internal note with the way to the card; Send makes one public comment", async () => {
    const id = await file("Lamp", "Where is my order 456?");
    const card = await deskhand.card((text) => text.includes("zendesk") && text.includes("456"));
    const note = await until("the draft note", async () =>
      (await comments(id)).find(
        (comment) => !comment.public && comment.body.includes("processing"),
      ),
    );
    assert.match(note.body, /http:\/\/127\.0\.0\.1:\d+\/console#a_/);
    await decide(deskhand, "sam", card, "Send");
    await until(
      "the public comment",
      async () => (await comments(id)).filter((comment) => comment.public).length === 2,
    );
    await delay(2_000);
    const publicOnes = (await comments(id)).filter((comment) => comment.public);
    assert.equal(publicOnes.length, 2);
    assert.equal(publicOnes[1]?.author_id, await idOf("bot"));
    assert.match(publicOnes[1]?.body ?? "", /processing/);
  });

  test("reassigned to a person: the card goes, nothing public from the bot; handed back: it goes on", async () => {
    const id = await file("Headphones", "What is the status of order 789?");
    const card = await deskhand.card((text) => text.includes("status of order 789"));
    await assign(id, { assignee_id: await idOf("dana") });
    await until("the withdrawal", async () =>
      /Withdrawn/.test(
        shownText((await deskhand.cards()).find(({ ts }) => ts === card.ts) ?? card),
      ),
    );
    await answerInHelpCenter(helpCenter(), "ann", id, "And where is order 123?");
    await deskhand.zendesk(
      "dana",
      `/tickets/${id}`,
      { ticket: { comment: { body: "Team note: she is in a hurry", public: false } } },
      "PUT",
    );
    await delay(4_000);
    const bot = await idOf("bot");
    assert.ok(!(await comments(id)).some((comment) => comment.public && comment.author_id === bot));
    await assign(id, { assignee_id: null, group_id: deskhand.endpoints.zendesk?.groups.bot });
    const again = await deskhand.card((text) => text.includes("And where is order 123?"));
    assert.doesNotMatch(shownText(again), /in a hurry/);
    await decide(deskhand, "sam", again, "Send");
    await until("the answer", async () =>
      (await comments(id)).some((comment) => comment.public && comment.author_id === bot),
    );
    const answer = (await comments(id)).find(
      (comment) => comment.public && comment.author_id === bot,
    );
    assert.match(answer?.body ?? "", /123/);
  });

  test("a teammate who answers by hand closes the card", async () => {
    const id = await file("Kettle", "Where is order 123 now?");
    const card = await deskhand.card((text) => text.includes("Where is order 123 now?"));
    await deskhand.zendesk(
      "dana",
      `/tickets/${id}`,
      { ticket: { comment: { body: "I am on it. Dana", public: true } } },
      "PUT",
    );
    await until(
      "the withdrawal",
      async () =>
        /Dana/.test(shownText((await deskhand.cards()).find(({ ts }) => ts === card.ts) ?? card)) &&
        /Withdrawn/.test(
          shownText((await deskhand.cards()).find(({ ts }) => ts === card.ts) ?? card),
        ),
    );
  });

  test("while Zendesk is down a request waits without hammering it, and is answered when it is back", async () => {
    const faults = `${deskhand.endpoints.zendesk?.url}/_sandbox/faults`;
    const authorization = `Bearer ${deskhand.endpoints.zendesk?.tokens.admin}`;
    const id = await file("Down", "What is the status of order 790?");
    await fetch(faults, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify({ kind: "unavailable", times: 1_000, method: "GET", path: "/tickets/" }),
    });
    await delay(8_000);
    const left = z
      .object({ faults: z.array(z.looseObject({ times: z.int() })) })
      .parse(await (await fetch(faults, { headers: { authorization } })).json());
    const asked = 1_000 - (left.faults[0]?.times ?? 0);
    assert.ok(asked > 0 && asked <= 12, `it was asked ${asked} times in eight seconds`);
    await fetch(faults, { method: "DELETE", headers: { authorization } });
    const card = await deskhand.card((text) => text.includes("status of order 790"));
    assert.match(shownText(card), /delivered/);
    assert.ok((await comments(id)).length > 0);
  });
});
