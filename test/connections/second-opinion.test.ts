/** A second opinion over a real connection: what is sent, what an objection does, and that no fault does anything. */
import { arrival } from "#test/support/waiting.ts";
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createBreakers } from "#connections/circuit-breakers.ts";
import { openaiModel } from "#agent/model.ts";
import { PRICES } from "#agent/prices.ts";
import { modelOpinion } from "#agent/second-opinion.ts";
import { secondOpinion } from "#app/current-checks.ts";
import type { Fetch } from "#core/connection/http-answer.ts";
import { nothingUsed, type SecondOpinion } from "#core/contracts/agent.ts";
import type { GuardVerdict } from "#core/contracts/guard.ts";
import { unlessAborted } from "#core/values/deadline.ts";
import type { Message } from "#core/values/message.ts";
import { mask } from "#guard/mask-secrets.ts";
import { secondOpinionBeside } from "#jobs/conversation/turn-context.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { NOW, silentLog } from "#test/store/bench.ts";
import { bytesOf, listen } from "#test/support/http-front.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const ALLOWED: GuardVerdict = { verdict: "allow", reasons: [] };
const never = new AbortController().signal;

describe("a second opinion", () => {
  const asked: { path: string; key: string; body: unknown }[] = [];
  let answer: Answer = () => undefined;
  let server: Awaited<ReturnType<typeof listen>>;
  before(async () => {
    server = await listen((request, response) => {
      void bytesOf(request).then((bytes) => {
        const body: unknown = JSON.parse(Buffer.from(bytes).toString());
        asked.push({ path: request.url ?? "", key: request.headers.authorization ?? "", body });
        answer(request, response);
      });
    });
  });
  after(() => server.close());
  beforeEach(() => void asked.splice(0));

  const json =
    (value: unknown, status = 200): Answer =>
    (_request, response) =>
      void response
        .writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify(value));

  /** A provider at this path with a breaker of its own. */
  const at = (path: string, behind = breakers()) =>
    behind.secondOpinion(secondOpinion({ url: `${server.url}${path}`, key: "k-1" }));
  const clock = { now: () => new Date() };
  const breakers = () => createBreakers({ clock, log: silentLog });

  /** A model at the same server, over chat completions. */
  const atModel = (behind = breakers()) => {
    const at = { apiKey: "k-1", baseUrl: `${server.url}/v1`, model: "small", timeoutMs: 5_000 };
    const model = openaiModel({ ...at, profile: { api: "chat" } });
    return modelOpinion({ model: behind.model(model, "second opinion"), clock, prices: PRICES });
  };

  const beside = (
    secondOpinion: SecondOpinion,
    signal: AbortSignal,
    verdict: GuardVerdict = ALLOWED,
    more: Partial<Message> = {},
  ): (() => GuardVerdict) => {
    return besides(secondOpinion, [{ ...letterFrom("m:1", "Hello there", NOW), ...more }], {
      signal,
      verdict,
    });
  };
  const besides = (
    secondOpinion: SecondOpinion,
    messages: readonly Message[],
    { signal = never, verdict = ALLOWED } = {},
  ): (() => GuardVerdict) => {
    const context = { secondOpinion, guard: openGuard({ mask }), log: silentLog };
    const opinion = secondOpinionBeside(context, { messages, verdict }, signal);
    return () => opinion?.now() ?? verdict;
  };

  /** What is said once the opinion has come, or failed. */
  const judged = async (
    opinion: SecondOpinion,
    verdict: GuardVerdict = ALLOWED,
    more: Partial<Message> = {},
    signal: AbortSignal = never,
  ): Promise<GuardVerdict> => {
    let done: Promise<unknown> = Promise.resolve();
    const about: SecondOpinion["about"] = (...given) => {
      const said = opinion.about(...given);
      done = said.catch(() => undefined);
      return said;
    };
    const now = beside({ ...opinion, about }, signal, verdict, more);
    await done;
    await setImmediate();
    return now();
  };

  const says = (content: string): Answer =>
    json({ choices: [{ message: { role: "assistant", content }, finish_reason: "stop" }] });

  test("of a model is one word, and another word changes nothing", async () => {
    answer = says("ATTACK");
    const { verdict, reasons } = await judged(atModel());
    assert.equal(verdict, "caution");
    assert.deepEqual(reasons, ["a second opinion (small) takes it for an attack"]);
    assert.match(JSON.stringify(asked[0]?.body), /that one word.*Hello there/);
    for (const word of ["harmless", "HARMLESS.", "I think it is an attack", ""]) {
      answer = says(word);
      assert.deepEqual(await judged(atModel()), ALLOWED, word);
    }
  });

  test("is asked where a score alone doubts as well, and not where the guard is sure of its doubt", async () => {
    answer = says("ATTACK");
    const caution = { verdict: "caution" as const, reasons: ["odd"] };
    const heard = await judged(atModel(), { ...caution, isOnScore: true });
    assert.deepEqual([heard.isOnScore, heard.reasons.length, asked.length], [undefined, 2, 1]);
    assert.deepEqual(await judged(atModel(), caution), caution);
    assert.equal(asked.length, 1);
  });

  test("is asked about the newest message first, since what is long is cut", async () => {
    answer = json({ attackDetected: false });
    const quoting = (text: string) => ({ kind: "quoted" as const, text });
    const long = {
      ...letterFrom("m:1", "An older letter. ".repeat(1_000), NOW),
      segments: ["One.", "Two.", "Three.", "Four.", "Five."].map(quoting),
    };
    const newest = letterFrom("m:2", "The newest letter.", NOW);
    besides(at("/shield"), [long, { ...newest, segments: [quoting("A new quote.")] }]);
    while (asked.length === 0) await new Promise((go) => void setTimeout(go, 5));
    const sent = JSON.stringify(asked[0]?.body);
    assert.match(sent, /The newest letter\..*An older letter\..*"A new quote\.","One\."/);
    assert.ok(sent.length < 7_000, `${sent.length}`);
  });

  test("that hangs is not waited for, and its request ends with the turn", async () => {
    const gone = Promise.withResolvers<void>();
    answer = (request) => void request.socket.once("close", () => gone.resolve());
    const turn = new AbortController();
    for (const opinion of [at("/shield"), atModel()]) {
      const now = beside(opinion, turn.signal);
      assert.deepEqual(now(), ALLOWED);
    }
    while (asked.length < 2) await new Promise((go) => void setTimeout(go, 5));
    turn.abort();
    await arrival("the request that is given up", gone.promise);
  });

  test("of a moderation endpoint raises caution and says what it objects to", async () => {
    const categories = { violence: true, hate: false, "<b>": true };
    answer = json({ id: "m", results: [{ flagged: true, categories }] });
    assert.deepEqual(await judged(at("/v1/moderations")), {
      verdict: "caution",
      reasons: ["a second opinion (127.0.0.1) objects to it: violence"],
    });
    assert.equal(asked[0]?.key, "Bearer k-1");
    answer = json({ results: [{ flagged: false }] });
    assert.deepEqual(await judged(at("/v1/moderations")), ALLOWED);
  });

  test("of a prompt shield is read in both of its forms", async () => {
    for (const found of [
      { attackDetected: true },
      {
        userPromptAnalysis: { attackDetected: false },
        documentsAnalysis: [{ attackDetected: true }],
      },
    ]) {
      answer = json(found);
      const { verdict, reasons } = await judged(at("/shield"));
      assert.equal(verdict, "caution");
      assert.match(reasons[0] ?? "", /takes it for an attack/);
    }
    answer = json({ attackDetected: false });
    assert.deepEqual(await judged(at("/shield")), ALLOWED);
  });

  test("is asked about masked text only, its parts apart from the message", async () => {
    answer = json({ attackDetected: false });
    await judged(at("/shield"), ALLOWED, {
      author: { kind: "requester", id: "a", name: "Ann Fields" },
      subject: "Order 900123",
      text: "I am Ann Fields, ann@customer.test, my card is 4111 1111 1111 1111.",
      segments: [{ kind: "quoted", text: "Ann Fields wrote from 12 Orchard Lane, Springfield" }],
    });
    const sent = JSON.stringify(asked[0]?.body);
    assert.doesNotMatch(sent, /Fields|ann@|4111|900123|Orchard/);
    assert.match(sent, /"documents":\["/);
  });

  test("is not asked about what is doubted or stopped already", async () => {
    answer = json({ attackDetected: true });
    for (const verdict of ["caution", "block"] as const) {
      const before: GuardVerdict = { verdict, reasons: ["found"] };
      assert.deepEqual(await judged(at("/shield"), before), before);
    }
    assert.equal(asked.length, 0);
  });

  const FAULTS: Readonly<Record<string, Answer>> = {
    "does not answer in time": () => undefined,
    "answers 500": json({ attackDetected: true }, 500),
    "answers 429": json({ attackDetected: true }, 429),
    "refuses the key": json({ error: "key" }, 401),
    "answers with a page": (_request, response) => void response.end("<html>busy</html>"),
    "answers in another shape": json({ verdict: "bad" }),
    "hangs up": (request) => void request.socket.destroy(),
    "sends 50 MB": (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const part = Buffer.alloc(1_000_000, " ");
      let left = 50;
      const more = (): void => {
        while (left > 0 && !response.destroyed) {
          left -= 1;
          if (!response.write(part)) return void response.once("drain", more);
        }
        if (!response.destroyed) response.end('{"attackDetected":true}');
      };
      more();
    },
  };
  for (const [name, fault] of Object.entries(FAULTS))
    test(`that ${name} changes nothing`, async () => {
      answer = fault;
      assert.deepEqual(
        await judged(
          at("/shield"),
          ALLOWED,
          {},
          name.includes("in time") ? AbortSignal.timeout(300) : never,
        ),
        ALLOWED,
      );
      assert.equal(asked.length, 1);
    });

  test("that is away is left alone after five failures in a row", async () => {
    answer = json({}, 503);
    // A model is asked once more within each try.
    for (const [opinion, requests] of [
      [at("/shield"), 5],
      [atModel(), 10],
    ] as const) {
      asked.splice(0);
      for (let round = 0; round < 8; round += 1) await judged(opinion);
      assert.equal(asked.length, requests, opinion.name);
    }
  });

  test("that is left alone counts no step of a turn", async () => {
    answer = json({}, 503);
    const [opinion, used] = [atModel(), nothingUsed()];
    for (let round = 0; round < 8; round += 1)
      await assert.rejects(opinion.about({ message: "Hello", others: [] }, used, never));
    assert.equal(used.steps, 5);
  });

  test("that is silent for ten seconds is away", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const all = breakers();
    const silent: Fetch = (_url, { signal } = {}) =>
      unlessAborted(new Promise(() => {}), signal ?? never);
    const opinion = all.secondOpinion(secondOpinion({ url: "https://a.test", key: "k" }, silent));
    for (let round = 0; round < 5; round += 1) {
      assert.equal(all.states()["second opinion"], "closed");
      beside(opinion, never);
      await setImmediate();
      context.mock.timers.tick(10_000);
      await setImmediate();
    }
    assert.equal(all.states()["second opinion"], "open");
  });

  test("that is a model and silent is away as well", async () => {
    answer = () => undefined;
    const all = breakers();
    const opinion = atModel(all);
    for (let round = 0; round < 5; round += 1)
      await judged(opinion, ALLOWED, {}, AbortSignal.timeout(50));
    assert.equal(all.states()["second opinion"], "open");
  });
});
