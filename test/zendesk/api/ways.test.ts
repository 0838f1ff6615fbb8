/**
 * How a whole run's calls go out: by node-zendesk's own methods wherever it has one. Which ones it has is read from the
 * library itself, and how a call was made is watched below everything of ours, at `fetch`.
 */
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { type TestContext, test } from "node:test";
import zendeskSdk from "node-zendesk";
import { examineZendesk } from "#zendesk/setup/check-account.ts";
import { setUpAccount } from "#zendesk/setup/set-up.ts";
import { zendeskHelpCenter } from "#zendesk/guide/articles.ts";
import { zendeskMacros } from "#zendesk/macros/sync.ts";
import { waitingTickets } from "#zendesk/read/read-ticket.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import {
  type Bench,
  benchFor,
  onTicket,
  openingTicket,
  optionsOn,
  replyAction,
  signal,
} from "#test/zendesk/bench.ts";
import { openRecorder } from "#test/zendesk/servers.ts";

/** What each kind of value is in a path: an argument of the library's methods, or a number or language of ours. */
const ANY = "ANY";

interface Method {
  readonly prototype: object;
  readonly name: string;
  readonly run: (self: object, args: readonly unknown[]) => unknown;
}

/** The methods of the library's resources, without the general ones they inherit. */
function methodsIn(holder: object): readonly Method[] {
  const parts = Object.entries(Object.getOwnPropertyDescriptors(prototypeOf(holder)));
  const prototypes = parts.flatMap(([name, part]) =>
    Object.hasOwn(part, "get") ? [prototypeOf(Object(Reflect.get(holder, name)))] : [],
  );
  return prototypes.flatMap((prototype) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) => {
      const own: unknown = value;
      if (name === "constructor" || typeof own !== "function") return [];
      const run: Method["run"] = (self, args) => Reflect.apply(own, self, args);
      return [{ prototype, name, run }];
    }),
  );
}

function prototypeOf(value: object): object {
  return Object(Object.getPrototypeOf(value));
}

/** What the library has a method for, as `GET tickets/ANY/audits`. */
async function knownEndpoints(methods: readonly Method[], below: string): Promise<Set<string>> {
  const known = new Set<string>();
  for (const { prototype, name, run } of methods)
    for (const argument of [ANY, {}, [ANY]]) {
      // It repeats another one by a clock.
      if (name === "watch") continue;
      const record = (method: string, path: unknown): Promise<object> => {
        const parts = [path].flat().filter((part) => typeof part === "string");
        known.add(`${method} ${below}${parts.join("/")}`);
        return Promise.resolve({});
      };
      const self = Object.assign(Object.create(prototype), {
        request: record,
        requestAll: record,
        requestUpload: (path: unknown) => record("POST", path),
        delete: (path: unknown) => record("DELETE", path),
      });
      // Not every method takes every kind of argument.
      await Promise.resolve()
        .then(() => run(self, [argument, argument, argument]))
        .catch(() => undefined);
    }
  return known;
}

interface Way {
  readonly endpoint: string;
  /** `typed` is a method for this endpoint, `generic` the library's way to any path; others bypass it. */
  readonly way: "typed" | "generic" | "around";
}

/** Notes every call to an address, and how it came about. */
function watchedCalls(context: TestContext, methods: readonly Method[], address: string): Way[] {
  const calls: Way[] = [];
  const typed = new AsyncLocalStorage<true>();
  for (const { prototype, name, run } of methods) {
    const watched = function (this: object, ...args: readonly unknown[]): unknown {
      return typed.run(true, () => run(this, args));
    };
    const before = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
    Object.defineProperty(prototype, name, { ...before, value: watched });
    context.after(() => Object.defineProperty(prototype, name, before));
  }
  const { fetch } = globalThis;
  context.mock.method(globalThis, "fetch", (...[target, init]: Parameters<typeof fetch>) => {
    const url = new URL(target instanceof Request ? target.url : target);
    if (url.href.startsWith(address)) {
      const path = url.pathname
        .slice("/api/v2/".length)
        .replaceAll(/(?<=\/)(?:\d+|[\da-f-]{36})(?=\/|$)/g, ANY);
      const isOfLibrary = new Headers(init?.headers).get("user-agent")?.startsWith("node-zendesk/");
      const other = isOfLibrary ? "generic" : "around";
      const endpoint = `${init?.method ?? "GET"} ${path}`;
      calls.push({ endpoint, way: typed.getStore() ? "typed" : other });
    }
    return fetch(target, init);
  });
  return calls;
}

/** Whether one of the library's methods is for this endpoint. */
function isKnown(endpoint: string, known: ReadonlySet<string>): boolean {
  const parts = endpoint.split("/");
  return [...known].some((one) => {
    const wanted = one.split("/");
    return (
      wanted.length === parts.length &&
      wanted.every((part, index) => part === parts[index] || part === ANY)
    );
  });
}

/** All that Deskhand does in an account, from `init` to the answer of a ticket. */
async function wholeRun(context: TestContext, bench: Bench, url: string): Promise<void> {
  const { sandbox } = bench;
  const options = { ...optionsOn(sandbox), url, fields: { intent: 1, language: 2, reason: 3 } };
  const setUp = {
    url,
    adminToken: sandbox.tokens.admin,
    publicUrl: "https://desk.ourshop.test",
    botEmail: "deskhand@ourshop.test",
    hasFields: false,
    apply: true,
    clock: options.clock,
  };
  await setUpAccount(setUp);
  for (const status of ["pending", 4_300_000_021] as const)
    await examineZendesk({ ...options, statusAfterReply: () => status }, setUp.publicUrl);
  const guide = zendeskHelpCenter(options);
  await guide.read(null, signal);
  await guide.read(new Date(0), signal);
  await zendeskMacros(options).read(signal);

  const channel = bench.another(options);
  const ticketId = await bench.ask("Where is my order 456?");
  const polled: unknown[] = [];
  await channel.start(async (delivery) => void polled.push(delivery));
  await context.waitFor(() => assert.ok(polled.length > 0), { timeout: PATIENCE_MS });
  await channel.stop();
  await channel.openFile("4810000009", { bytesMax: 1_000, signal }).catch(() => undefined);
  await waitingTickets(options);
  const asked = {
    id: "c1",
    channel: "zendesk",
    externalId: String(ticketId),
    subject: "",
    brand: "",
  } as const;
  const reply = replyAction(await channel.fetch(asked, signal), "слово ".repeat(8_000));
  await channel.commit(reply, "reply", signal);
  const opened = await channel.commit(openingTicket(), "opened", signal);
  await channel.find(openingTicket(), "opened", signal);
  const taker = { name: "Dana", email: "dana@ourshop.test" };
  const triage = { intent: "order_status", language: "de", priority: "urgent", reason: "none" };
  const handOver = { group: "tier2", note: "For you.", taker, triage };
  await channel.commit(onTicket("assign", Number(opened.ref), handOver), "assigned", signal);
  await channel.commit(onTicket("note", ticketId, { text: "A note." }), "note", signal);
}

test("at least nine of ten calls go through node-zendesk's own methods, of those it has one for", async (context) => {
  const bench = await benchFor(context);
  await bench.control("PUT", "settings", { exportDelaySeconds: 0, exportsPerMinute: 10_000 });
  const recorder = await openRecorder(bench.sandbox.url);
  context.after(recorder.close);
  const library = zendeskSdk.createClient({
    endpointUri: recorder.url,
    useOAuth: true,
    token: "-",
  });
  const [core, guide] = [methodsIn(library), methodsIn(library.helpcenter)];
  const known = new Set([
    ...(await knownEndpoints(core, "")),
    ...(await knownEndpoints(guide, "help_center/")),
  ]);
  const calls = watchedCalls(context, [...core, ...guide], recorder.url);
  await wholeRun(context, bench, recorder.url);

  const counted = calls.filter(({ endpoint }) => isKnown(endpoint, known));
  const by = (way: Way["way"]): string[] => [
    ...new Set(calls.filter((one) => one.way === way).map(({ endpoint }) => endpoint)),
  ];
  const typed = counted.filter(({ way }) => way === "typed").length;
  const share = Math.round((100 * typed) / counted.length);
  const others = [...by("generic"), ...by("around")].join(", ");
  const said = `${share} %: ${typed} of ${counted.length} calls by typed methods; not: ${others}`;
  context.diagnostic(said);
  assert.ok(typed / counted.length >= 0.9, said);
  // A file is sent under its own media type, and the library's method would read it from a disk. It knows no statuses.
  const without = `GET custom_statuses/${ANY}`;
  assert.deepEqual(by("generic"), [without, "POST uploads"]);
  assert.equal(isKnown(without, known), false);
  assert.deepEqual(by("around"), []);
  for (const endpoint of USED) assert.ok(by("typed").includes(endpoint), endpoint);
});

/** What a whole run has to touch, so that a run that does less is no proof. */
const USED = [
  "GET users/me",
  "GET users/search",
  "GET users/show_many",
  "GET groups",
  `GET groups/${ANY}`,
  `GET groups/${ANY}/memberships`,
  "GET ticket_fields",
  "POST ticket_fields",
  "GET webhooks",
  "POST webhooks",
  `GET webhooks/${ANY}/signing_secret`,
  "GET triggers",
  "GET automations",
  "GET macros",
  "GET tickets",
  `GET tickets/${ANY}`,
  `GET tickets/${ANY}/comments`,
  `GET tickets/${ANY}/audits`,
  "POST tickets",
  `PUT tickets/${ANY}`,
  "GET incremental/tickets/cursor",
  "GET help_center/locales",
  "GET help_center/incremental/articles",
  `GET help_center/articles/${ANY}/translations`,
  `GET attachments/${ANY}`,
];
