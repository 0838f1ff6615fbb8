/** What a turn plans: questions back, page addresses, pages in doubt, its time, and actions another request has. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { TurnInput } from "#core/contracts/agent.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import { type Finding, UNLISTED_CONTACT } from "#core/contracts/guard.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { flagTexts } from "#test/support/flag-texts.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { arrive } from "#test/jobs/worker/lost-work.ts";
import { sql } from "#store/db/drizzle.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { until } from "#test/support/waiting.ts";

onDesk("the words around an answer", (bench) => {
  test("are in its own language, whichever the customer wrote in", async () => {
    bench.guard({ languageOf: () => "de" });
    const signed = async (answer: string, thread: string): Promise<string> => {
      bench.answer(() => replying(answer, { accountData: false }));
      const id = await bench.write("What is your refund period? Ich danke Ihnen.", { thread });
      await bench.press("approve", id);
      await bench.pass(6_000, 2);
      return bench.replies().at(-1) ?? "";
    };
    const english = await signed("You can ask for your money back within 30 days.", "t1");
    assert.match(english, /^Hello[^]*Kind regards/);
    const short = await signed("30 USD.", "t2");
    assert.match(short, /^(?:Guten Tag|Hallo)[^]*Freundliche Grüße/);
  });
});

onDesk("the words around a text of the operator's", (bench) => {
  test("are in its language, where the customer's has none", async () => {
    bench.guard({ languageOf: () => "el" });
    bench.answer(() => replying("", { ending: escalating("unclear") }));
    await bench.write("Θέλω να μιλήσω με κάποιον.");
    await bench.pass(6_000, 2);
    assert.match(bench.replies().at(-1) ?? "", /^Hello[^]*Thank you[^]*Kind regards/);
  });
});

onDesk("a weak sign of something grave", (bench) => {
  const weak = (isWeak?: true) =>
    bench.guard({
      delicate: () => ({ topic: "injury", words: "one finger", ...(isWeak && { isWeak }) }),
    });

  test("has the model judge, and a person read what policy would send alone", async () => {
    const seen: TurnInput["guard"][] = [];
    bench.answer(({ guard }) => {
      seen.push(guard);
      return replying("We have no telephone line.", { accountData: false });
    });
    bench.rule({ replyAutonomy: () => "auto" });
    await bench.write("Have you a number?");
    await bench.pass(6_000, 2);
    assert.equal(bench.replies().length, 1);
    weak(true);
    const id = await bench.write("I type with one finger.");
    await bench.pass(6_000, 2);
    assert.deepEqual(
      seen.map(({ mayBe, isOnScore }) => [mayBe, isOnScore]),
      [
        [undefined, undefined],
        ["injury", true],
      ],
    );
    assert.equal(bench.replies().length, 1);
    assert.match(
      flagTexts((await bench.pending(id))?.card).join("\n"),
      /a person decides on every change\): the message may be about injury: “one finger”/,
    );
  });

  test("is handed over at once where no model judges, as a clear one is everywhere", async () => {
    const asked: string[] = [];
    bench.answer(() => {
      asked.push("model");
      return replying("Hello.");
    });
    weak();
    const clear = await bench.write("I burned my hand.");
    Object.assign(bench.parts.agent, { isRehearsal: true });
    weak(true);
    const id = await bench.write("I type with one finger.", { thread: "t2" });
    Object.assign(bench.parts.agent, { isRehearsal: false });
    for (const one of [clear, id])
      assert.equal((await bench.at(loadConversation, one))?.reason.delicate, "injury");
    assert.deepEqual(asked, []);
  });
});

onDesk("questions back", (bench) => {
  const allowed: boolean[] = [];
  const asking = () => {
    allowed.splice(0);
    bench.answer(({ mayAsk }: TurnInput) => {
      allowed.push(mayAsk);
      return replying("", {
        ending: { kind: "clarify", text: "Which order?" },
        accountData: false,
      });
    });
  };
  const writeThrice = async (channel: "chat" | "email") => {
    for (const text of ["Refund me", "The lamp", "The other lamp"])
      await bench.write(text, { channel });
  };

  test("are as many in a row as the policy says, and one after an answer is the first again", async () => {
    asking();
    await writeThrice("chat");
    assert.deepEqual(allowed, [true, true, false]);
    bench.answer(() => replying("Refunded.", { accountData: false }));
    await bench.write("789", { channel: "chat" });
    asking();
    await bench.write("Refund me", { channel: "chat" });
    assert.deepEqual(allowed, [true]);
  });

  test("are as few as the policy says, down to none", async () => {
    for (const questionsMax of [0, 1]) {
      bench.rule({ caps: { ...bench.parts.policy.caps, questionsMax } });
      asking();
      await bench.write("Refund me", { channel: "chat", thread: `t${questionsMax}` });
      await bench.write("The lamp", { channel: "chat", thread: `t${questionsMax}` });
      assert.deepEqual(allowed, [questionsMax > 0, false]);
    }
  });

  test("do not count while they wait on a card, because the customer has not read them", async () => {
    asking();
    await writeThrice("email");
    assert.deepEqual(allowed, [true, true, true]);
  });
});

const page = (title: string, url: string) => ({ id: title, title, url, text: title, score: 0.9 });

const DELIVERY = "https://ourshop.test/help/international-delivery";

onDesk("a draft that names help pages", (bench) => {
  const drafted = async (text: string): Promise<string> => {
    bench.answer(() =>
      replying(text, {
        passages: [
          page("International delivery", DELIVERY),
          page("International delivery", DELIVERY),
          page("delivery", "https://ourshop.test/help/delivery"),
          page("House rules", ""),
          page("about", "about:blank"),
        ],
      }),
    );
    const id = await bench.write("Do you deliver to Iceland?");
    const waiting = await bench.pending(id);
    return waiting?.card.draft?.text ?? bench.replies().at(-1) ?? "";
  };

  test("has their addresses below it, each once, and only where there is one", async () => {
    const text = await drafted(
      "Not to Iceland (see International delivery). Quiet (see House rules), please (see about).",
    );
    assert.ok(text.includes(`please (see about).\n\nInternational delivery: ${DELIVERY}`), text);
    assert.equal(text.split("https://").length, 2);
    assert.doesNotMatch(text, /about:blank/);
  });

  test("is left as it is where it gives the address itself, or only uses a word of a title", async () => {
    for (const words of [
      `No (see International delivery, ${DELIVERY}).`,
      "Our International delivery is quick.",
    ]) {
      const text = await drafted(words);
      assert.doesNotMatch(text, /International delivery: /);
    }
  });
});

const PAGE = {
  id: "returns#top",
  title: "Returns",
  url: "https://shop.test/returns",
  text: "You can return an item within 30 days of its delivery.",
  updated: "2026-02-03",
  score: 0.9,
};

onDesk("a reply that rests on a page", (bench) => {
  const asked = async (more: { readonly doubt?: string }, findings: readonly Finding[] = []) => {
    const policy = loadPolicy(readFileSync(SANDBOX_POLICY, "utf8"), "test.yaml");
    bench.rule({ ...policy, replyAutonomy: () => "auto" });
    bench.answer(() => replying(PAGE.text, { passages: [{ ...PAGE, ...more }], findings }));
    return bench.write("How long can I return it?", { channel: "chat" });
  };

  test("goes out by itself where policy lets it", async () => {
    const conversation = await asked({});
    assert.equal(await bench.pending(conversation), null);
    assert.equal(bench.replies().length, 1);
  });

  test("waits where another page says otherwise, with the reason on the card and at the citation", async () => {
    const conversation = await asked({ doubt: "says 30 days, and Lamps says 14 days" });
    const card = await bench.pending(conversation);
    assert.deepEqual(bench.replies(), []);
    assert.ok(card !== null);
    assert.ok(
      flagTexts(card.card).includes(
        "⚠️ The page “Returns” is in doubt: says 30 days, and Lamps says 14 days",
      ),
    );
    assert.deepEqual(
      card.card.context.citations.map(({ source }) => source),
      [
        "Returns, as of 3 Feb 2026 (https://shop.test/returns), in doubt: says 30 days, and Lamps says 14 days",
      ],
    );
    assert.equal(card.rules.at(-1)?.reason, "a page it may rest on is in doubt");
  });

  test("waits where it names a contact that the policy does not list, and the reason names it", async () => {
    const words = "DE89 3704 0044 0532 0130 00";
    const reason = "the policy does not list it under contacts";
    const card = await bench.pending(await asked({}, [{ kind: UNLISTED_CONTACT, words, reason }]));
    assert.deepEqual(bench.replies(), []);
    assert.equal(
      card?.rules.at(-1)?.reason,
      `it names ${words}, which the policy does not list under contacts`,
    );
  });
});

/** It is renewed each third of this. */
const LEASE_MS = 90;

onDesk("a turn that takes too long", (bench) => {
  test("is not called off from outside, because the agent hands over by itself then", async () => {
    const { caps } = bench.parts.policy;
    bench.rule({ caps: { ...caps, turn: { ...caps.turn, ms: 20 } } });
    const aborted: boolean[] = [];
    bench.answer(async ({ signal }) => {
      // A timer that was begun before and is shorter has gone off by then.
      await delay(60);
      aborted.push(signal.aborted);
      return replying("We are open from nine to five.");
    });
    await bench.write("When are you open?");
    assert.deepEqual(aborted, [false]);
  });

  test("is called off once another worker has the conversation, and writes nothing", async () => {
    const id = await bench.write("Where is it?");
    const given: AbortSignal[] = [];
    bench.answer(async ({ signal }) => {
      given.push(signal);
      await bench.execute(sql`update conversation set fence = fence + 1 where id = ${id}`);
      await until("the turn to be called off", async () => signal.aborted);
      return replying("It is on its way.");
    });
    await arrive(bench, "Where is it now?");
    await processConversation({ ...bench.parts, leaseMs: LEASE_MS }, id);
    assert.deepEqual(
      given.map(({ aborted }) => aborted),
      [true],
    );
    assert.equal((await bench.pending(id))?.version, 1);
  });
});

/** As long as an approval can be taken back. */
const UNDO_MS = 60_000;

onDesk("a refund that another request has", (bench) => {
  const ask = (thread: string) => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    return bench.write("Please refund order 789", { thread });
  };
  const asOf = (state: "done" | "unknown" | "intended") =>
    bench.execute(sql`update effect set state = ${state} where operation = 'refund'`);

  for (const [state, reason] of [
    ["done", "the same refund was done before"],
    ["unknown", "the same refund was begun before, and it is not known whether it happened"],
  ] as const)
    test(`and that is ${state} goes to people with the reason, and no card asks for it`, async () => {
      const first = await ask("t1");
      await bench.press("approve", first);
      await asOf(state);
      const second = await ask("t2");
      assert.equal(await bench.pending(second), null);
      assert.match(await bench.outcome(second), new RegExp(`escalated.*${reason}`));
    });

  test("and that stays under way goes to people with the reason, and nobody is told of a shop that is away", async () => {
    const first = await ask("t1");
    await bench.press("approve", first);
    bench.skip(UNDO_MS / 2);
    const second = await ask("t2");
    assert.deepEqual(bench.replies(), []);
    bench.skip(3_600_000);
    await processConversation({ ...bench.parts, leaseMs: LEASE_MS }, second);
    const told = JSON.stringify(bench.left);
    assert.match(told, /the same refund is under way for another request/);
    assert.doesNotMatch(told, /could not be asked|several times/);
  });

  test("and that is under way is waited for, and then goes to people", async () => {
    const first = await ask("t1");
    await bench.press("approve", first);
    bench.skip(UNDO_MS / 2);
    const second = await ask("t2");
    assert.equal(await bench.pending(second), null);
    assert.doesNotMatch(await bench.outcome(second), /escalated/);
    await bench.pass(UNDO_MS, 3);
    assert.equal(bench.made("refund").length, 1);
    await bench.pass(UNDO_MS, 3);
    assert.equal(bench.made("refund").length, 1);
    assert.match(await bench.outcome(second), /escalated.*the same refund was done before/);
  });
});
