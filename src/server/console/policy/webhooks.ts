/** The outgoing webhooks: who is told of what, what was sent, and what could not be delivered. For leads. */

import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { newWebhookSecret } from "#jobs/webhooks/signature.ts";
import { dataForm, field, sendButton } from "#server/console/forms.ts";
import { sends, type PageContent, type Subject } from "#server/console/frame.ts";
import {
  aside,
  badge,
  dotted,
  facts,
  fold,
  none,
  number,
  row,
  section,
  soft,
  table,
  trace,
  type Cell,
} from "#server/console/parts.ts";
import type { Caller, Visit } from "#server/console/session.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  addDeliveries,
  newestDeliveries,
  sendAgain,
  type Delivery,
} from "#store/webhooks/deliveries.ts";
import {
  addWebhook,
  allWebhooks,
  changeWebhook,
  removeWebhook,
  switchOff,
  webhookById,
  WebhookEvent,
  type Webhook,
} from "#store/webhooks/webhooks.ts";
import { FORMS, PATH, policyTabs } from "./draft.ts";

const WEBHOOKS = FORMS.webhooks.href;
const SHOWN = 40;
const WEBHOOKS_MAX = 20;

/** A receiver has this long to learn the new secret. */
const ROTATION_MS = DAY_MS;

const Ticked = z.literal("on").optional();
const Added = z.strictObject({
  url: z.string().trim().min(1).max(500),
  text: Ticked,
  ...Object.fromEntries(WebhookEvent.options.map((event) => [event, Ticked])),
});
const Chosen = z.strictObject({ id: z.string().max(100) });

/** The page, and what its form and buttons send. */
export const WEBHOOK_PAGE: Subject = {
  place: PATH,
  pages: { "/policy/webhooks": webhooksPage },
  presses: {
    "/policy/webhooks/add": sends(Added, add),
    "/policy/webhooks/test": press("webhook_tested", test),
    "/policy/webhooks/rotate": press("webhook_rotated", rotate),
    "/policy/webhooks/off": press("webhook_switched_off", (transaction, { id }) =>
      switchOff(transaction, id, "a lead switched it off"),
    ),
    "/policy/webhooks/on": press("webhook_switched_on", (transaction, { id }) =>
      changeWebhook(transaction, id, { offReason: null }),
    ),
    "/policy/webhooks/remove": press("webhook_removed", (transaction, { id }) =>
      removeWebhook(transaction, id),
    ),
    "/policy/webhooks/again": press("webhook_sent_again", (transaction, { id, now }) =>
      sendAgain(transaction, id, now),
    ),
  },
  leadsOnly: "only a lead can change webhooks",
};

async function webhooksPage(visit: Visit): Promise<PageContent> {
  const page = { title: FORMS.webhooks.name, tools: policyTabs(WEBHOOKS) };
  if (!visit.isLead) return { ...page, body: none("Only a lead can see and change webhooks.") };
  const { all, dead, newest } = await visit.run(async (transaction) => ({
    all: await allWebhooks(transaction),
    dead: await newestDeliveries(transaction, { state: "dead", limit: SHOWN }),
    newest: await newestDeliveries(transaction, { limit: SHOWN }),
  }));
  const addresses = new Map(all.map(({ id, url }) => [id, url]));
  const letters = dead.map((one) => [
    ...deliveryCells(one, addresses, visit),
    sendButton("Send again", { to: `${WEBHOOKS}/again`, body: { id: one.id } }),
  ]);
  const recent = newest.map((one) => deliveryCells(one, addresses, visit));
  return {
    ...page,
    body: html`${all.map((one) => webhookView(one, visit))} ${addView()}
    ${section("given-up", "Given up", deliveryTable(letters, ["Try"], "Nothing was given up."))}
    ${section("recent", "Recent deliveries", deliveryTable(recent, [], "Nothing was sent yet."))}`,
  };
}

function webhookView(one: Webhook, { when }: Visit): Html {
  const { id, url, events, withText, secret, oldUntil, offReason, createdAt } = one;
  const body = { id };
  const button = (label: string, path: string, asks?: string): Html =>
    sendButton(label, {
      to: `${WEBHOOKS}/${path}`,
      body,
      ...(asks !== undefined && { asks }),
      ...(path === "remove" && { className: "danger" }),
    });
  return section(
    id,
    html`<span class="words">${url}</span>
      ${offReason === null ? badge("on") : badge("off", "warn")}`,
    html`${facts([
      ["Told of", events.replaceAll(" ", ", ")],
      ["Customers’ words", withText ? "sent, with names and addresses" : "left out"],
      ["Off because", offReason],
      ["Since", when(createdAt)],
    ])}
    ${fold(
      "Its secret",
      html`${trace(secret)}
      ${oldUntil !== null && soft(`The secret before it signs too until ${when(oldUntil)}.`)}`,
    )}
    ${row(
      offReason === null && button("Send a test", "test"),
      button(
        "New secret",
        "rotate",
        "A new secret is made. The present one signs beside it for one day.",
      ),
      offReason === null
        ? button("Switch off", "off", "Nothing is sent to it from now on.")
        : button("Switch on", "on"),
      button("Remove", "remove", "It goes with everything that waits for it."),
    )}`,
  );
}

function addView(): Html {
  const address = html`required="" maxlength="500" type="url" placeholder="https://"`;
  return section(
    "add",
    "Add a webhook",
    dataForm(`${WEBHOOKS}/add`, { press: "Add it" }, [
      html`<div class="filters">${field("url", "Address", "", address, "grow")}</div>
        <div class="filters">${WebhookEvent.options.map((event) => tick(event, event))}</div>
        <div class="filters">${tick("text", "customers’ words too")}</div>`,
      soft(
        "Each delivery is signed by Standard Webhooks, and tried again for three days. It has ids, states, operations and amounts; customers’ words, names and addresses leave Deskhand only where you tick that.",
      ),
    ]),
  );
}

function tick(name: string, label: string): Html {
  return html`<label class="check"><input type="checkbox" name="${name}" /> ${label}</label>`;
}

const STATES: Readonly<Record<string, string>> = {
  waiting: "waits",
  delivered: "delivered",
  dead: "given up",
};

function deliveryCells(
  { id, webhookId, event, state, attempts, status, answer, createdAt, nextAt }: Delivery,
  addresses: ReadonlyMap<string, string>,
  { when }: Visit,
): readonly Cell[] {
  const again = state === "waiting" && attempts > 0 ? `next ${when(nextAt)}` : null;
  const told = attempts === 1 ? "1 try" : `${attempts} tries`;
  return [
    number(when(createdAt)),
    html`<b class="words">${event}</b><br />${aside(id)}`,
    html`<span class="words">${addresses.get(webhookId) ?? webhookId}</span>`,
    dotted([STATES[state] ?? state, told, again]),
    html`<span class="words">${dotted([status === null ? null : String(status), answer])}</span>`,
  ];
}

function deliveryTable(
  rows: readonly (readonly Cell[])[],
  more: readonly string[],
  empty: string,
): HtmlValue {
  if (rows.length === 0) return html`<p>${empty}</p>`;
  const heads = ["When", "Event", "To", "State", "Answer", ...more];
  return html`<div class="table-box">${table(heads, rows)}</div>`;
}

// What the form and the buttons do.

async function add(caller: Caller, sent: z.infer<typeof Added>): Promise<object> {
  const { url, text } = sent;
  const refused = caller.options.webhookRefusal(url);
  if (refused !== null) throw invalidInput(`The address ${refused}. Nothing was added.`);
  const ticked = new Set(Object.entries(sent).flatMap(([name, on]) => (on === "on" ? [name] : [])));
  const events = WebhookEvent.options.filter((event) => ticked.has(event));
  if (events.length === 0) throw invalidInput("Tick at least one event. Nothing was added.");
  await caller.run(async (transaction) => {
    if ((await allWebhooks(transaction)).length >= WEBHOOKS_MAX)
      throw invalidInput(`There are ${WEBHOOKS_MAX} webhooks already. Remove one first.`);
    const id = caller.parts.ids.next("wh");
    const secret = newWebhookSecret();
    const given = { id, url, secret, withText: text === "on", events: events.join(" ") };
    await addWebhook(transaction, { ...given, createdAt: caller.now });
    await audit(caller, transaction, { kind: "webhook_added", id });
  });
  return { address: WEBHOOKS };
}

/** What a button is about: a webhook, or a delivery of one. */
interface Pressed {
  readonly id: string;
  readonly now: Date;
}

/** A button that changes one thing, with an entry of the audit; it is gone or changed already where `change` gives false. */
function press(
  kind: string,
  change: (transaction: Transaction, pressed: Pressed) => Promise<boolean>,
): (caller: Caller) => Promise<object> {
  return sends(Chosen, async (caller: Caller, { id }) => {
    const isDone = await caller.run(async (transaction) => {
      const changed = await change(transaction, { id, now: caller.now });
      if (changed) await audit(caller, transaction, { kind, id });
      return changed;
    });
    if (!isDone) throw invalidInput("It was changed or removed already. Load the page again.");
    return { address: WEBHOOKS };
  });
}

async function test(transaction: Transaction, { id, now }: Pressed): Promise<boolean> {
  const found = await webhookById(transaction, id);
  if (found === null || found.offReason !== null) return false;
  const delivery = {
    webhookId: id,
    event: "webhook.test",
    conversationId: "",
    data: { test: true },
  };
  await addDeliveries(transaction, [delivery], now);
  return true;
}

async function rotate(transaction: Transaction, { id, now }: Pressed): Promise<boolean> {
  const found = await webhookById(transaction, id);
  if (found === null) return false;
  return changeWebhook(transaction, id, {
    secret: newWebhookSecret(),
    oldSecret: found.secret,
    oldUntil: new Date(now.getTime() + ROTATION_MS),
  });
}

async function audit(
  caller: Caller,
  transaction: Transaction,
  { kind, id }: { readonly kind: string; readonly id: string },
): Promise<void> {
  const by = await caller.pseudonym(transaction);
  await appendAudit(transaction, { kind, data: { webhook: id, by } }, caller.now);
}
