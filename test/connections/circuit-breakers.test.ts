import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { after, afterEach, before, beforeEach, describe, mock, test } from "node:test";
import { openaiModel } from "#agent/model.ts";
import { shop as shopAdapter } from "#adapters/shop/index.ts";
import type { Action } from "#core/values/action.ts";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import type { ModelRequest } from "#core/contracts/model.ts";
import { createBreakers } from "#connections/circuit-breakers.ts";
import { silentLog } from "#test/store/bench.ts";
import { listen } from "#test/support/http-front.ts";
import {
  CARD,
  channelOn,
  DELIVERY,
  deskOn,
  failingWith,
  HINT,
} from "#test/support/failing-parts.ts";

/** How the other side behaves: it answers, says it is down, breaks off, refuses, or never answers. */
type Behaviour = "up" | "down" | "broken" | "refusing" | "hanging";

const provider: { behaviour: Behaviour; requests: number; url: string } = {
  behaviour: "up",
  requests: 0,
  url: "",
};
const answering: RequestListener = (request, response) => {
  provider.requests += 1;
  request.resume();
  const answer = (status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  switch (provider.behaviour) {
    case "up":
      answer(200, request.method === "POST" ? RECEIPT : request.url?.includes("chat") ? {} : []);
      break;
    case "down":
      answer(503, { error: { code: "unavailable", message: "the shop is closed" } });
      break;
    case "broken":
      answer(500, {});
      break;
    case "refusing":
      answer(422, { error: { code: "no", message: "not like this" } });
      break;
    case "hanging":
      break;
  }
};

const RECEIPT = { id: "r1", order_id: "789", amount: 5, currency: "USD" };
const REFUND: Action = {
  target: "shop",
  operation: "refund",
  arguments: { orderId: "789", amount: { minor: 500, currency: "USD" }, reason: "asked for" },
};
const clock = { now: () => new Date() };
const signal = new AbortController().signal;

/** A shop behind breakers of its own; `commit` asks it for a refund. */
function shopBehind(timeoutMs = 5_000) {
  const breakers = createBreakers({ clock, log: silentLog });
  const at = { url: provider.url, key: "k", timeoutMs, fetch };
  const { reads, target } = breakers.shop(shopAdapter({ ...at, clock, log: silentLog }));
  return { breakers, reads, target, commit: () => target.commit(REFUND, "k1", signal) };
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "done";
  } catch (error) {
    return error instanceof DeskhandError ? error.code : String(error);
  }
}

/** Tries a call so often, one after the other, and gives how the calls ended. */
async function tries(times: number, call: () => Promise<unknown>): Promise<readonly string[]> {
  const codes: string[] = [];
  for (let count = 0; count < times; count += 1) codes.push(await codeOf(call()));
  return codes;
}

let server: Awaited<ReturnType<typeof listen>>;
before(async () => {
  server = await listen(answering);
  provider.url = server.url;
});
after(() => server.close());
beforeEach(() => {
  mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 10, 20) });
  provider.behaviour = "up";
  provider.requests = 0;
});
afterEach(() => {
  mock.timers.reset();
});

describe("a breaker before a real shop", () => {
  test("opens after five failures in a row; then calls fail at once, as unavailable, and say for how long", async () => {
    const { breakers, commit } = shopBehind();
    provider.behaviour = "down";
    assert.deepEqual(await tries(4, commit), Array(4).fill("shop.unavailable"));
    assert.deepEqual(breakers.states(), { shop: "closed" });
    assert.deepEqual(await tries(1, commit), ["shop.unavailable"]);
    assert.deepEqual(breakers.states(), { shop: "open" });
    mock.timers.tick(4_000);
    assert.equal(provider.requests, 5);
    await assert.rejects(commit(), {
      name: "DeskhandError",
      code: "shop.unavailable",
      retry: true,
      retryAfterMs: 6_000,
      message: "shop failed several times in a row and is left alone",
    });
    assert.equal(provider.requests, 5, "nothing was asked");
  });

  test("a probe after ten seconds closes it, or opens it for twice as long, up to a minute", async () => {
    const { breakers, commit } = shopBehind();
    provider.behaviour = "down";
    await tries(5, commit);
    for (const pauseMs of [10_000, 20_000, 40_000, 60_000, 60_000]) {
      const asked = provider.requests;
      mock.timers.tick(pauseMs - 1);
      await tries(2, commit);
      assert.equal(provider.requests, asked, `before ${pauseMs}`);
      mock.timers.tick(1);
      await tries(2, commit);
      assert.equal(provider.requests, asked + 1, `one probe after ${pauseMs}`);
    }
    provider.behaviour = "up";
    mock.timers.tick(60_000);
    assert.deepEqual(await tries(2, commit), ["done", "done"]);
    assert.deepEqual(breakers.states(), { shop: "closed" });
    provider.behaviour = "down";
    await tries(5, commit);
    mock.timers.tick(10_000);
    const asked = provider.requests;
    await tries(1, commit);
    assert.equal(provider.requests, asked + 1, "after a good time the pauses begin anew");
  });

  test("while one probe is under way no other call is let through or made to wait", async () => {
    const { breakers, target, commit } = shopBehind(300);
    provider.behaviour = "down";
    await tries(5, commit);
    mock.timers.tick(10_000);
    provider.behaviour = "hanging";
    const asked = provider.requests;
    const ended: string[] = [];
    const probe = codeOf(commit()).finally(() => ended.push("probe"));
    assert.deepEqual(breakers.states(), { shop: "half-open" });
    await assert.rejects(target.commit(REFUND, "k2", signal), {
      code: "shop.unavailable",
      retryAfterMs: 1_000,
    });
    assert.deepEqual(ended, [], "the probe is still waiting");
    assert.equal(await probe, "shop.uncertain", "a call without an answer ends by its time limit");
    assert.equal(provider.requests, asked + 1);
    assert.deepEqual(breakers.states(), { shop: "open" });
  });

  test("a refusal is an answer: it never opens a breaker, and it ends a row of failures", async () => {
    const { breakers, commit } = shopBehind();
    provider.behaviour = "refusing";
    assert.deepEqual(await tries(8, commit), Array(8).fill("shop.refused"));
    provider.behaviour = "down";
    await tries(4, commit);
    provider.behaviour = "refusing";
    await tries(1, commit);
    provider.behaviour = "down";
    await tries(4, commit);
    assert.deepEqual(breakers.states(), { shop: "closed" });
  });

  test("a call its own maker called off says nothing about the shop", async () => {
    const { breakers, reads } = shopBehind();
    const stopped = AbortSignal.abort(new Error("shutting down"));
    const ends = await tries(6, () => reads.order("789", stopped));
    assert.deepEqual(ends, Array(6).fill("shop.unavailable"));
    assert.deepEqual(breakers.states(), { shop: "closed" });
  });

  test("a time limit that ran out does", async () => {
    const { breakers, reads } = shopBehind();
    provider.behaviour = "hanging";
    await Promise.all(
      Array.from({ length: 5 }, () => codeOf(reads.order("789", AbortSignal.timeout(50)))),
    );
    assert.deepEqual(breakers.states(), { shop: "open" });
  });
});

describe("breakers of several providers", () => {
  const REQUEST: ModelRequest = { messages: [], tools: [], outputTokensMax: 10, signal };

  test("the model has one, and the others go on when it opens", async () => {
    const { breakers, commit } = shopBehind();
    const model = breakers.model(
      openaiModel({ apiKey: "k", baseUrl: provider.url, model: "m", timeoutMs: 5_000 }),
    );
    assert.deepEqual([model.name, model.isRehearsal], ["m", false]);
    provider.behaviour = "refusing";
    assert.deepEqual(await tries(6, () => model.complete(REQUEST)), [
      ...Array(6).fill("model.refused"),
    ]);
    assert.match(breakers.modelRefusal() ?? "", /refuses \(4\d\d\)/);
    provider.behaviour = "hanging";
    const short = { ...REQUEST, signal: AbortSignal.timeout(50) };
    await Promise.all(Array.from({ length: 5 }, () => codeOf(model.complete(short))));
    const asked = provider.requests;
    assert.equal(await codeOf(model.complete(REQUEST)), "model.unavailable");
    assert.equal(provider.requests, asked);
    provider.behaviour = "up";
    assert.equal(await codeOf(commit()), "done");
    assert.deepEqual(breakers.states(), { model: "open", shop: "closed" });
  });

  test("a channel and a desk of one workspace share one, and every call of theirs that leaves goes through it", async () => {
    const breakers = createBreakers({ clock, log: silentLog });
    const told: string[] = [];
    const failing = failingWith("channel.unavailable", told);
    const channel = breakers.channel(channelOn(failing));
    const desk = breakers.desk("slack", deskOn(failing));
    const conversation = { id: "c", channel: "slack", externalId: "x", subject: "", brand: "" };
    const calls: readonly (() => Promise<unknown>)[] = [
      () => channel.commit(REFUND, "k", signal),
      () => channel.find(REFUND, "k", signal),
      () =>
        channel.resolve(HINT, { body: null, receivedAt: new Date(), proofs: new Map(), signal }),
      () => channel.fetch({ ...conversation, channel: "slack" }, signal),
      () => desk.post(CARD, "k", signal),
      () => desk.update("ref", CARD, signal),
      () => desk.notify("text", [], "k", signal),
      () => desk.groupsOf("u", signal),
      () => desk.commit(REFUND, "k", signal),
      () => desk.find(REFUND, "k", signal),
    ];
    for (const call of calls.slice(0, 5)) await codeOf(call());
    assert.deepEqual(breakers.states(), { slack: "open" });
    assert.equal(told.length, 5);
    for (const call of calls) assert.equal(await codeOf(call()), "channel.unavailable");
    assert.equal(told.length, 5);
    for (const call of [
      () => channel.start(async () => undefined),
      () => channel.stop(),
      () => desk.stop(),
      () => channel.openFile("ref", { bytesMax: 1, signal }),
    ])
      assert.equal(await codeOf(call()), "channel.unavailable");
    assert.deepEqual(told.slice(5), ["start", "stop", "stop", "openFile"], "these are not held");
    assert.deepEqual(channel.receive(DELIVERY), []);
    assert.deepEqual(
      [channel.name, channel.supports, channel.keepsHistory, channel.keepsSender],
      ["slack", ["reply"], true, true],
    );
  });

  test("conflicts, limits, a database that is away and errors of the program open nothing", async () => {
    const quiet: readonly ErrorCode[] = [
      "channel.conflict",
      "channel.refused",
      "channel.rate_limited",
      "channel.unsupported",
      "store.unavailable",
    ];
    const buggy = async (): Promise<never> => {
      throw new TypeError("a bug");
    };
    const failures: readonly (readonly [string, ReturnType<typeof failingWith>])[] = [
      ...quiet.map((code) => [code, failingWith(code, [])] as const),
      ["TypeError: a bug", buggy],
    ];
    for (const [said, failing] of failures) {
      const channel = createBreakers({ clock, log: silentLog }).channel(channelOn(failing));
      const ends = await tries(7, () => channel.commit(REFUND, "k", signal));
      assert.deepEqual(ends, Array(7).fill(said));
    }
  });
});
