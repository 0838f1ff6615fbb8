/** Answers that go out through Microsoft Graph: each once, whatever becomes of its answers. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { examineInboxes } from "#email/check-inboxes.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { bench, deliveryOf } from "#test/email/bench.ts";
import { signed, written } from "#test/email/mails.ts";
import { silentLog } from "#test/store/bench.ts";
import { closed, listen } from "#test/support/loopback.ts";
import { until } from "#test/support/waiting.ts";
import {
  answer,
  commitFails,
  replyTo,
  failsWith,
  keepInSent,
  opened,
  sentIds,
  signal,
} from "./sending-bench.ts";

/** What the next requests meet; `lost`: the mail is accepted, and the connection is cut in place of an answer. */
type Mood =
  | "good"
  | "busy"
  | "timeout"
  | "lost"
  | "broken"
  | "forbidden"
  | "not-as"
  | "late"
  | "odd";

interface GraphServer {
  readonly url: string;
  readonly state: { mood: Mood; token: string; asked: number };
  /** Mails accepted, as Exchange sends them. */
  readonly accepted: Buffer[];
}

const MAILBOX = "support@ourshop.test";

/**
 * Microsoft Graph's `sendMail` as its document describes it: 202 says no more than that the mail was accepted, the copy
 * appears in Sent Items a moment later and under a Message-ID of Exchange's own, a busy service answers 429 with
 * Retry-After, and any answer can get lost, or a 503 can come for what was taken. `keep` puts a copy into Sent Items.
 */
async function startGraph(
  context: TestContext,
  keep: (raw: Buffer) => Promise<void>,
): Promise<GraphServer> {
  const state: GraphServer["state"] = { mood: "good", token: "token-1", asked: 0 };
  const accepted: Buffer[] = [];
  const keeping: Promise<unknown>[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const refuse = (status: number, code: string, message: string, headers = {}): void => {
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(JSON.stringify({ error: { code, message } }));
      };
      state.asked += 1;
      const { method, url, headers } = request;
      if (method !== "POST" || url !== `/v1.0/users/${encodeURIComponent(MAILBOX)}/sendMail`)
        return refuse(404, "ErrorInvalidUser", "The requested user is invalid.");
      if (headers.authorization !== `Bearer ${state.token}`)
        return refuse(401, "InvalidAuthenticationToken", "Access token has expired.");
      if (state.mood === "forbidden")
        return refuse(
          403,
          "ErrorAccessDenied",
          "Access is denied. Check credentials and try again.",
        );
      if (state.mood === "not-as")
        return refuse(403, "ErrorSendAsDenied", "The user account cannot send as this address.");
      if (state.mood === "busy")
        return refuse(429, "ApplicationThrottled", "Too many requests.", { "retry-after": "17" });
      if (state.mood === "timeout") return refuse(408, "RequestTimeout", "The request timed out.");
      if (headers["content-type"] !== "text/plain" || !/^[A-Za-z0-9+/]+={0,2}$/.test(body))
        return refuse(
          400,
          "ErrorMimeContentInvalidBase64String",
          "Invalid base64 string for MIME content.",
        );
      const number = accepted.length + 1;
      const own = `Message-ID: <AM9PR01MB71234567890ABCDEF${number}@AM9PR01MB7123.eurprd01.prod.outlook.com>`;
      const raw = Buffer.from(body, "base64")
        .toString("latin1")
        .replace(/^Message-ID: .*$/im, own);
      const sent = Buffer.from(raw, "latin1");
      accepted.push(sent);
      keeping.push(new Promise((resolve) => setTimeout(resolve, 10)).then(() => keep(sent)));
      if (state.mood === "lost") return void request.socket.destroy();
      if (state.mood === "broken") return refuse(500, "InternalServerError", "An error occurred.");
      if (state.mood === "late")
        return refuse(503, "ServiceUnavailable", "Try again.", { "retry-after": "1" });
      response.writeHead(state.mood === "odd" ? 200 : 202);
      response.end();
    });
  });
  const port = await listen(server);
  context.after(async () => {
    server.closeAllConnections();
    await closed(server);
    await Promise.allSettled(keeping);
  });
  return { url: `http://127.0.0.1:${port}/v1.0`, state, accepted };
}

async function atMicrosoft(context: TestContext, token = async (): Promise<string> => "token-1") {
  const world = await bench(context, {
    limits: { ...EMAIL_LIMITS, retryMs: { first: 40, most: 200 } },
  });
  const graph = await startGraph(context, (raw) => keepInSent(world, raw));
  const { port } = world.imapWire;
  const inbox = {
    address: MAILBOX,
    aliases: [],
    imap: { ...world.sandbox.imap, host: "127.0.0.1", port, secure: false },
    smtp: { host: "127.0.0.1", port: 1, secure: false },
    graph: { url: graph.url, user: MAILBOX, token },
  };
  return { ...world, graph, inbox, channel: world.again({ inboxes: [inbox] }) };
}

test("the mail goes out as it was built, its copy is Exchange's alone, and an answer under Exchange's id is threaded", async (context) => {
  const world = await atMicrosoft(context);
  const { ref, conversationKeys } = await answer(
    world,
    await signed(written({})),
    "Grüße,\n日本語 ",
    "once",
  );
  const [sent, ...more] = world.graph.accepted;
  assert.ok(sent);
  assert.equal(more.length, 0);
  assert.equal(opened(sent).plain.toString("utf8"), "Grüße,\n日本語 ");
  const id = opened(sent).headers.get("message-id") ?? "";
  assert.ok(!id.includes(ref));
  assert.deepEqual(await sentIds(world), [id.replace(/[<>]/g, "")]);
  const next = written({ messageId: "<m9@customer.test>", headers: [["In-Reply-To", id]] });
  const [hint] = world.channel.receive(deliveryOf(next));
  assert.ok(hint?.conversationKeys.some((key) => conversationKeys.includes(key)));
  // The same key again, also by a process that only has the notes.
  assert.deepEqual(await answer(world, await signed(written({})), "Grüße,\n日本語 ", "once"), {
    ref,
    conversationKeys,
  });
  assert.equal(world.graph.state.asked, 1);
});

test("a lost answer is settled by the copy in Sent Items, before anything is sent a second time", async (context) => {
  const world = await atMicrosoft(context);
  const action = await replyTo(world, await signed(written({})), "Text.");
  for (const mood of ["lost", "broken"] as const) {
    world.graph.state.mood = mood;
    await commitFails(world.channel, [action, mood], "channel.uncertain");
    const asked = world.graph.state.asked;
    await until(
      "its copy",
      async () => (await sentIds(world)).length === world.graph.accepted.length,
    );
    const restarted = world.again({ inboxes: [world.inbox] });
    assert.equal((await restarted.find(action, mood, signal())).state, "done");
    await restarted.commit(action, mood, signal());
    assert.equal(world.graph.state.asked, asked);
  }
});

test("without a copy a lost answer is a person's matter, and it is not sent again", async (context) => {
  const world = await atMicrosoft(context);
  const graph = await startGraph(context, async () => undefined);
  const inbox = { ...world.inbox, graph: { ...world.inbox.graph, url: graph.url } };
  const channel = world.again({ inboxes: [inbox] });
  const action = await replyTo({ channel }, await signed(written({})), "Text.");
  graph.state.mood = "lost";
  await commitFails(channel, [action, "lost"], "channel.uncertain");
  graph.state.mood = "good";
  await commitFails(channel, [action, "lost"], "channel.uncertain");
  assert.equal((await channel.find(action, "lost", signal())).state, "unknowable");
  assert.equal(graph.accepted.length, 1);
  // Accepted, though the copy is not to be seen: it is out.
  const { ref } = await channel.commit(action, "accepted", signal());
  assert.match(ref, /^r\.[0-9a-f]{32}@ourshop\.test$/);
});

test("a busy service is asked again after the time it named, and nothing was sent until then", async (context) => {
  const world = await atMicrosoft(context);
  const action = await replyTo(world, await signed(written({})), "Text.");
  world.graph.state.mood = "busy";
  await assert.rejects(world.channel.commit(action, "busy", signal()), (error) => {
    assert.ok(error instanceof DeskhandError && error.code === "channel.rate_limited");
    assert.equal(error.retryAfterMs, 17_000);
    return true;
  });
  assert.deepEqual(await world.channel.find(action, "busy", signal()), { state: "absent" });
  world.graph.state.mood = "good";
  await world.channel.commit(action, "busy", signal());
  assert.equal(world.graph.accepted.length, 1);
});

test("what was put off and went out all the same is found in Sent before a second try", async (context) => {
  const world = await atMicrosoft(context);
  const action = await replyTo(world, await signed(written({})), "Text.");
  world.graph.state.mood = "late";
  await commitFails(world.channel, [action, "late"], "channel.rate_limited");
  await until("its copy", async () => (await sentIds(world)).length === 1);
  world.graph.state.mood = "good";
  // Also where the ledger takes it for the first try, since it was given up meanwhile and is intended again.
  await world.channel.commit(action, "late", signal(), () => true);
  assert.equal(world.graph.accepted.length, 1);
});

test("an answer that is no 202 says nothing; a sender that is not the mailbox's fails one mail alone", async (context) => {
  const world = await atMicrosoft(context);
  const action = await replyTo(world, await signed(written({})), "Text.");
  for (const mood of ["odd", "timeout"] as const) {
    world.graph.state.mood = mood;
    await commitFails(world.channel, [action, mood], "channel.uncertain");
  }
  world.graph.state.mood = "not-as";
  await commitFails(world.channel, [action, "not-as"], "channel.refused");
  world.graph.state.mood = "good";
  await world.channel.commit(action, "other", signal());
});

test("a refused token is exchanged once; a missing permission says so, and the inbox needs login", async (context) => {
  const tokens: (string | undefined)[] = [];
  const world = await atMicrosoft(context, async (refused?: string) => {
    tokens.push(refused);
    return tokens.some((one) => one === "token-0") ? "token-1" : "token-0";
  });
  const action = await replyTo(world, await signed(written({})), "Text.");
  await world.channel.commit(action, "renewed", signal());
  assert.deepEqual(tokens, [undefined, "token-0"]);
  world.graph.state.mood = "forbidden";
  await assert.rejects(world.channel.commit(action, "forbidden", signal()), (error) => {
    assert.ok(failsWith("channel.unauthorized")(error));
    assert.match(String(error), /Graph says 403 ErrorAccessDenied/);
    return true;
  });
  assert.deepEqual(
    await world.again({ inboxes: [world.inbox] }).find(action, "forbidden", signal()),
    {
      state: "absent",
    },
  );
});

test("a Graph that is not there has sent nothing, and the doctor looks at no SMTP", async (context) => {
  const world = await atMicrosoft(context);
  const away = { ...world.inbox, graph: { ...world.inbox.graph, url: "http://127.0.0.1:1/v1.0" } };
  const channel = world.again({ inboxes: [away] });
  const action = await replyTo({ channel }, await signed(written({})), "Text.");
  await commitFails(channel, [action, "away"], "channel.unavailable");
  assert.deepEqual(await channel.find(action, "away", signal()), { state: "absent" });
  const clock = { now: () => new Date() };
  const found = await examineInboxes({ inboxes: [world.inbox], clock, log: silentLog });
  const sending = found.filter(({ check }) => /SMTP|Graph/.test(check));
  assert.deepEqual(
    sending.map(({ state, check }) => `${state} ${check}`),
    ["ok Graph token"],
  );
  const token = async (): Promise<string> => {
    throw new DeskhandError("channel.unauthorized", "no token is issued");
  };
  const refused = { ...world.inbox, graph: { ...world.inbox.graph, token } };
  const without = await examineInboxes({ inboxes: [refused], clock, log: silentLog });
  assert.match(
    without.find(({ check }) => check === "Graph token")?.found ?? "",
    /no token is issued/,
  );
});
