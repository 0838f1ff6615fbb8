/** What the chat widget keeps and sends in the tabs of one browser: the served script, over storage and server of the test. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import vm from "node:vm";
import express from "express";
import { z } from "zod";
import { widgetRoutes } from "#server/widget/bundle-route.ts";
import { listen } from "#test/support/http-front.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

/** Begins a chat as the page's own script does, without its window. */
const BEGIN = `const identity = createIdentitySource();
  const memory = openSavedChat("https://help.test/");
  const api = createApiClient("https://help.test/", identity);
  const chat = createChatSession({ api, memory, identity, changed() {} });
  void chat.recognised().then(chat.begin);
  return { chat, memory };`;

const Posted = z.object({
  user_id: z.string(),
  message: z.string(),
  message_id: z.string(),
  conversation_id: z.string(),
});

/** The chat's server as one visitor meets it: it answers each message at once, unless the test says otherwise. */
function chatServer() {
  const posted: z.infer<typeof Posted>[] = [];
  const messages: { id: string; text: string; at: string }[] = [];
  const given = {
    /** Taken for the next message, once. */
    next: null as Response | Promise<Response> | null,
    /** Taken for each look, in place of the chat. */
    look: null as (() => Response) | null,
    /** Taken for each stream that is asked for; without it there are none. */
    stream: null as (() => Response) | null,
  };
  /** Conversations of unsigned visitors, who keep the one they have. */
  const known = new Set<string>();
  const answered = (asked: z.infer<typeof Posted>): Response => {
    const { message, user_id: user, conversation_id: conversation } = asked;
    const text = `answer to ${message}`;
    if (!messages.some((line) => line.text === text))
      messages.push({ id: `${messages.length + 1}-ab`, text, at: new Date().toISOString() });
    const isNamed = !user.startsWith("visitor-") || known.has(conversation);
    const id = isNamed ? conversation : `of-${conversation}`;
    known.add(id);
    return Response.json({ conversation_id: id, status: "answered", reply: text });
  };
  return {
    posted,
    given,
    answered,
    /** Loses its chats, as after an erasure. */
    lose(): void {
      messages.splice(0);
      known.clear();
    },
    fetch: async (url: string, { body }: { readonly body?: string }): Promise<Response> => {
      if (body === undefined) {
        if (url.endsWith("/events")) return given.stream?.() ?? new Response("", { status: 404 });
        return given.look?.() ?? Response.json({ status: "answered", messages });
      }
      const asked = Posted.parse(JSON.parse(body));
      posted.push(asked);
      const answer = given.next ?? answered(asked);
      given.next = null;
      return answer;
    },
  };
}

/** What the script needs of a browser that is no matter of these tests. */
const NEEDED = { AbortController, AbortSignal, TextDecoder, TextDecoderStream, URL, atob, crypto };

/** A browser whose tabs share a storage; a deaf one holds back what tabs are told of each other's writes until `hear`. */
async function browser(context: TestContext) {
  const { url, close } = await listen(
    express().use(
      "/widget.js",
      widgetRoutes(() => []),
    ),
  );
  const script = await (await fetch(`${url}/widget.js`)).text();
  await close();
  const page = script.replace(/\}\)\(\);\n$/, () => `${BEGIN} })()`);
  assert.notEqual(page, script);
  const { timers } = context.mock;
  const server = chatServer();
  const storage = new Map<string, string>();
  const held: (() => void)[] = [];
  const tabs = new Set<(key: string) => void>();
  const own = { isDeaf: false, identity: null as unknown };

  function write(key: string, value: string | null, writer: (key: string) => void): void {
    if ((storage.get(key) ?? null) === value) return;
    if (value === null) storage.delete(key);
    else storage.set(key, value);
    for (const tell of tabs)
      if (tell !== writer && own.isDeaf) held.push(() => tell(key));
      else if (tell !== writer) queueMicrotask(() => tell(key));
  }

  /** Lets this much time go by, and all that happens in it. */
  async function pass(ms = 0): Promise<void> {
    for (let left = ms; ; left -= 500) {
      for (let turns = 0; turns < 10; turns += 1) await turn();
      if (left <= 0) return;
      timers.tick(Math.min(500, left));
    }
  }

  /** Closes all tabs; the next one is opened so much later. */
  function leave(ms = 0): void {
    const now = Date.now() + ms;
    tabs.clear();
    timers.reset();
    timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now });
  }

  async function open() {
    const listeners: ((event: { readonly key: string }) => void)[] = [];
    const tell = (key: string): void => {
      for (const listener of listeners) listener({ key });
    };
    tabs.add(tell);
    const realm = vm.createContext({
      ...NEEDED,
      Date,
      clearTimeout,
      setInterval,
      setTimeout,
      fetch: server.fetch,
      window: { deskhandIdentity: () => own.identity },
      document: { hidden: false, currentScript: null, addEventListener: () => undefined },
      navigator: { onLine: true },
      matchMedia: () => ({ matches: false }),
      addEventListener: (type: string, listener: (typeof listeners)[number]) => {
        if (type === "storage") listeners.push(listener);
      },
      localStorage: {
        getItem: (key: string) => storage.get(key) ?? null,
        setItem: (key: string, value: string) => write(key, value, tell),
        removeItem: (key: string) => write(key, null, tell),
      },
    });
    vm.runInContext(`const page = ${page}`, realm);
    const run = (code: string): unknown => vm.runInContext(code, realm);
    await pass();
    return {
      run,
      async say(text: string): Promise<void> {
        run(`page.chat.say(${JSON.stringify(text)})`);
        await pass();
      },
      /** The lines in order, the visitor's with their state. */
      lines: (): readonly string[] =>
        z
          .array(z.string())
          .parse(
            run(
              'page.chat.now().lines.map(({ text, state }) => text + (state ? ": " + state : ""))',
            ),
          ),
    };
  }

  leave();
  return {
    server,
    storage,
    own,
    pass,
    leave,
    open,
    hear: (): void => {
      own.isDeaf = false;
      for (const tell of held.splice(0)) tell();
    },
  };
}

/** A token as a shop signs one, as far as the widget reads it. */
const tokenOf = (sub: string): string =>
  `e30.${Buffer.from(JSON.stringify({ sub, exp: 9_999_999_999 })).toString("base64url")}.c2ln`;

const gone = (): Response => Response.json({ error: "chat.gone" }, { status: 404 });

const REFUSED = { status: 429, headers: { "retry-after": "6" } };

test("a message that is refused for a moment goes out by itself, though another tab wrote meanwhile", async (context) => {
  const { server, open, pass } = await browser(context);
  const one = await open();
  await one.say("first");
  const other = await open();
  server.given.next = Response.json({}, REFUSED);
  await one.say("second");
  await pass(1_000);
  await other.say("third");
  for (const tab of [one, other]) assert.ok(tab.lines().includes("second: failed"));
  await pass(6_000);
  const sent = ["first", "second", "third"].map((text) => `${text}: sent`);
  for (const tab of [one, other])
    assert.deepEqual(
      tab.lines().filter((line) => line.includes(":")),
      sent,
    );
  assert.equal(server.posted.length, 4);
});

test("a message that one tab could not send is sent by the button of another", async (context) => {
  const { server, open, pass } = await browser(context);
  const one = await open();
  await one.say("first");
  const other = await open();
  server.given.next = Response.json({ message: "not like this" }, { status: 400 });
  await one.say("second");
  await pass(1_000);
  other.run("globalThis.press = page.chat.now().lines.find(({ text }) => text === 'second')");
  await other.say("third");
  await pass(1_000);
  other.run("page.chat.again(press)");
  await pass(1_000);
  for (const tab of [one, other]) assert.ok(tab.lines().includes("second: sent"));
});

test("what one tab sent is not sent again after signing in, whatever another tab stored before it knew", async (context) => {
  const { server, own, open, pass, hear, leave } = await browser(context);
  const one = await open();
  await one.say("first");
  const other = await open();
  const answer = Promise.withResolvers<Response>();
  server.given.next = answer.promise;
  await one.say("second");
  assert.ok(other.lines().includes("second: sending"));
  own.isDeaf = true;
  answer.resolve(server.answered(server.posted[1] ?? assert.fail()));
  await pass();
  await other.say("third");
  hear();
  await pass(1_000);
  for (const tab of [one, other]) assert.ok(tab.lines().includes("second: sent"));
  leave();
  own.identity = tokenOf("u1");
  const next = await open();
  await pass(5_000);
  assert.deepEqual(next.lines(), []);
  assert.deepEqual(
    server.posted.map(({ message }) => message),
    ["first", "second", "third"],
  );
});

test("a chat of more lines than are kept shows the newest ones, no old answer as a new one, and those after it began anew", async (context) => {
  const { server, own, open, pass, leave } = await browser(context);
  own.identity = tokenOf("u1");
  const tab = await open();
  for (let place = 0; place < 60; place += 1) {
    await tab.say(`q${place}`);
    await pass(500);
  }
  const lines = tab.lines();
  assert.equal(lines.length, 100);
  assert.deepEqual(lines.slice(-2), ["q59: sent", "answer to q59"]);
  leave();
  const next = await open();
  await pass(120_000);
  assert.deepEqual(next.lines(), lines);
  assert.equal(server.posted.length, 60);
  // Under the same id, which the browser has not heard.
  server.lose();
  await next.say("anew");
  assert.deepEqual(next.lines().slice(-2), ["anew: sent", "answer to anew"]);
});

test("a shop that gives no token, such as the page of an error, signs nobody out", async (context) => {
  const { server, own, open, pass } = await browser(context);
  own.identity = tokenOf("u1");
  const tab = await open();
  await tab.say("first");
  for (const wrong of ["<html>Bad gateway</html>", "not now", { token: "e30" }]) {
    own.identity = wrong;
    tab.run("page.chat.opened(true)");
    await pass();
    assert.deepEqual(tab.lines(), ["first: sent", "answer to first"]);
  }
  own.identity = null;
  tab.run("page.chat.opened(true)");
  await pass();
  assert.deepEqual(tab.lines(), []);
  assert.equal(server.posted.length, 1);
});

test("a chat that the server removed is removed here at the next visit, but for what never got there", async (context) => {
  const { server, storage, own, open, pass, leave } = await browser(context);
  own.identity = tokenOf("u1");
  const tab = await open();
  await tab.say("first");
  server.given.next = Response.json({ message: "not like this" }, { status: 400 });
  await tab.say("second");
  leave();
  server.given.next = Response.json({ message: "nor like this" }, { status: 400 });
  // Something on the way says so of every address.
  server.given.look = () => Response.json({ error: "not_found" }, { status: 404 });
  const next = await open();
  await pass(5_000);
  assert.equal(next.lines().length, 3);
  server.given.look = gone;
  await pass(120_000);
  assert.deepEqual(next.lines(), ["second: failed"]);
  assert.doesNotMatch([...storage.values()].join(), /first/);
});

test("what the server lost unanswered stays in all tabs, and is sent again only by its button", async (context) => {
  const { server, own, open, pass, leave } = await browser(context);
  own.identity = tokenOf("u1");
  const one = await open();
  await one.say("first");
  await pass(1_000);
  const { conversation_id } = server.posted[0] ?? assert.fail();
  server.given.next = Response.json({ conversation_id, status: "pending", reply: "" });
  await one.say("second");
  const other = await open();
  assert.deepEqual(other.lines(), ["first: sent", "answer to first", "second: sent"]);
  server.lose();
  server.given.look = gone;
  await pass(300_000);
  leave();
  const next = await open();
  await pass(5_000);
  for (const tab of [one, other, next]) assert.deepEqual(tab.lines(), ["second: failed"]);
  assert.equal(server.posted.length, 2);
  server.given.look = null;
  next.run("page.chat.again(page.chat.now().lines[0])");
  await pass(1_000);
  assert.deepEqual(next.lines(), ["second: sent", "answer to second"]);
});

for (const [user, left] of Object.entries({ u1: ["first: failed"], u2: [] }))
  test(`a stream that finds no chat of u1 has it removed at once for ${user}`, async (context) => {
    const { server, own, open, pass } = await browser(context);
    own.identity = tokenOf("u1");
    const tab = await open();
    const answers = [503, 401].map((status) => new Response("", { status }));
    server.given.stream = () => answers.shift() ?? gone();
    server.given.next = Response.json({ conversation_id: "c", status: "pending", reply: "" });
    await tab.say("first");
    own.identity = tokenOf(user);
    await pass(2_000);
    assert.deepEqual(tab.lines(), left);
    assert.equal(answers.length, 0);
  });

test("a visitor who writes to a chat that was erased has a new one, without what was erased", async (context) => {
  const { server, storage, open, pass } = await browser(context);
  const tab = await open();
  await tab.say("first");
  await pass(1_000);
  server.lose();
  await tab.say("second");
  await pass(1_000);
  assert.deepEqual(tab.lines(), ["second: sent", "answer to second"]);
  assert.doesNotMatch([...storage.values()].join(), /first/);
});

test("a chat and a text that were left for a week are gone from the browser at the next visit", async (context) => {
  const { storage, open, leave } = await browser(context);
  const tab = await open();
  await tab.say("first");
  tab.run('page.memory.keepDraft("half a senten")');
  leave(WEEK_MS - 60_000);
  const next = await open();
  assert.equal(next.lines().length, 2);
  assert.equal(next.run("page.memory.draft()"), "half a senten");
  leave(2 * 60_000);
  assert.deepEqual((await open()).lines(), []);
  assert.deepEqual([...storage], []);
});

test("an unsent text that the version before stored as it was typed is there after the upgrade, until it is sent", async (context) => {
  const { storage, open, leave } = await browser(context);
  storage.set("deskhand https://help.test/ draft", "half a senten");
  for (const visit of [1, 2]) {
    assert.equal((await open()).run("page.memory.draft()"), "half a senten", `visit ${visit}`);
    leave();
  }
  (await open()).run('page.memory.keepDraft("")');
  assert.deepEqual([...storage], []);
});
