/** How a whole run's calls go out, watched below everything of ours, at `fetch`. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
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

/** Notes every call to an address, and whether the library made it. */
function watchedCalls(context: TestContext, address: string) {
  const calls: { readonly endpoint: string; readonly isOfLibrary: boolean }[] = [];
  const { fetch } = globalThis;
  context.mock.method(globalThis, "fetch", (...[target, init]: Parameters<typeof fetch>) => {
    const url = new URL(target instanceof Request ? target.url : target);
    if (url.href.startsWith(address)) {
      const path = url.pathname
        .slice("/api/v2/".length)
        .replaceAll(/(?<=\/)(?:\d+|[\da-f-]{36})(?=\/|$)/g, ANY);
      const agent = new Headers(init?.headers).get("user-agent") ?? "";
      const endpoint = `${init?.method ?? "GET"} ${path}`;
      calls.push({ endpoint, isOfLibrary: agent.startsWith("node-zendesk/") });
    }
    return fetch(target, init);
  });
  return calls;
}

/** A number or id of ours in a path. */
const ANY = "ANY";

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
  for (const byTrigger of [false, true, true]) await setUpAccount({ ...setUp, byTrigger });
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

test("every call of a whole run is the library's, whose transport is ours", async (context) => {
  const bench = await benchFor(context);
  await bench.control("PUT", "settings", { exportDelaySeconds: 0, exportsPerMinute: 10_000 });
  const recorder = await openRecorder(bench.sandbox.url);
  context.after(recorder.close);
  const calls = watchedCalls(context, recorder.url);
  await wholeRun(context, bench, recorder.url);
  assert.deepEqual(
    calls.filter(({ isOfLibrary }) => !isOfLibrary),
    [],
  );
  const made = new Set(calls.map(({ endpoint }) => endpoint));
  for (const endpoint of USED) assert.ok(made.has(endpoint), endpoint);
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
  "POST triggers",
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
