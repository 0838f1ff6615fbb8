/** The outgoing webhooks: who is told of what, what was sent, and what could not be delivered. For leads. */

import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { DAY_MS } from "#core/values/moment.ts";
import {
  addDeliveries,
  addWebhook,
  allWebhooks,
  changeWebhook,
  type Delivery,
  givenUpCount,
  newWebhookSecret,
  removeWebhook,
  sendAgain,
  shownDeliveries,
  type Webhook,
  WebhookEvent,
} from "#store/webhooks/webhooks.ts";
import { dataForm, field, sendButton, tickBox } from "#server/console/forms.ts";
import { sends, type PageContent, type Subject } from "#server/console/frame.ts";
import { aside, badge, dotted, facts, fold, none, row } from "#server/console/parts.ts";
import { section, soft, table, trace } from "#server/console/parts.ts";
import type { Caller, Visit } from "#server/console/session.ts";
import { html, type Html } from "#server/http/html.ts";
import type { Transaction } from "#store/db/database.ts";
import { FORMS, PATH, policyTabs } from "./draft.ts";

const WEBHOOKS = FORMS.webhooks.href;
const SHOWN = 60;
const WEBHOOKS_MAX = 20;

/** A receiver has this long to learn the new secret. */
const ROTATION_MS = DAY_MS;

const Ticked = z.literal("on").optional();
const Added = z.strictObject({
  url: z.string().trim().min(1).max(500),
  text: Ticked,
  ...Object.fromEntries(WebhookEvent.options.map((event) => [event, Ticked])),
});

/** A button is about a webhook, or with `again` about a delivery or all that were given up. */
const Does = z.enum(["test", "rotate", "off", "on", "remove", "again"]);
const Pressed = z.strictObject({ id: z.string().max(100), does: Does });

const PAGE = { title: FORMS.webhooks.name, tools: policyTabs(WEBHOOKS) };

/** The page, and what its form and buttons send. */
export const WEBHOOK_PAGE: Subject = {
  place: PATH,
  pages: { "/policy/webhooks": webhooksPage },
  instead: { ...PAGE, body: none("Only a lead can see and change webhooks.") },
  presses: {
    "/policy/webhooks/add": sends(Added, add),
    "/policy/webhooks/press": sends(Pressed, press),
  },
  leadsOnly: "only a lead can change webhooks",
};

async function webhooksPage(visit: Visit): Promise<PageContent> {
  const all = await visit.run(allWebhooks);
  const sent = await visit.run(shownDeliveries, SHOWN);
  const givenUp = await visit.run(givenUpCount);
  const addresses = new Map(all.map(({ id, url }) => [id, url]));
  const list = (shown: readonly Delivery[]): Html =>
    table(
      ["When", "Event", "To", "State", "Answer"],
      shown.map((one) => deliveryCells(one, addresses.get(one.webhookId) ?? "", visit)),
    );
  const lost = html`${row(button("all", "Send all again", "again"))}
  ${givenUp > SHOWN && soft(`The newest ${SHOWN} are listed.`)}
  ${list(await visit.run(shownDeliveries, SHOWN, "given up"))}`;
  return {
    ...PAGE,
    body: html`${all.map((one) => webhookView(one, visit))} ${addView()}
    ${givenUp > 0 && section("given-up", `Given up: ${givenUp}`, lost)}
    ${section("sent", "Sent lately", sent.length === 0 ? html`<p>Nothing was sent yet.</p>` : list(sent))}`,
  };
}

function button(id: string, label: string, does: z.infer<typeof Does>, asks?: string): Html {
  const className = does === "remove" ? { className: "danger" } : {};
  const sending = { to: `${WEBHOOKS}/press`, body: { id, does }, ...className };
  return sendButton(label, asks === undefined ? sending : { ...sending, asks });
}

function webhookView(one: Webhook, { when }: Visit): Html {
  const { id, url, events, withText, secret, oldUntil, offReason, createdAt } = one;
  const isOn = offReason === null;
  return section(
    id,
    html`<span class="words">${url}</span> ${isOn ? badge("on") : badge("off", "warn")}`,
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
      isOn && button(id, "Send a test", "test"),
      button(id, "New secret", "rotate", "The present one signs beside the new one for a day."),
      isOn
        ? button(id, "Switch off", "off", "It is told nothing from now on.")
        : button(id, "Switch on", "on"),
      button(id, "Remove", "remove", "It goes with everything that waits for it."),
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
        <div class="filters">${WebhookEvent.options.map((event) => tickBox(event, event))}</div>
        <div class="filters">${tickBox("text", "customers’ words too")}</div>`,
      soft(
        "Each delivery is signed by Standard Webhooks, and tried again for three days. It has ids, states, operations and amounts; customers’ words, names and addresses leave Deskhand only where you tick that.",
      ),
    ]),
  );
}

const STATES: ReadonlyMap<string, string> = new Map([
  ["waiting", "waits"],
  ["dead", "given up"],
]);

function deliveryCells(one: Delivery, address: string, { when }: Visit): readonly Html[] {
  const { id, event, state, attempts, status, answer, createdAt, nextAt } = one;
  const again = state === "waiting" && attempts > 0 ? `next ${when(nextAt)}` : null;
  const tries = attempts === 1 ? "1 try" : `${attempts} tries`;
  return [
    html`${when(createdAt)}`,
    html`<b class="words">${event}</b><br />${aside(id)}`,
    html`<span class="words">${address}</span>`,
    html`${dotted([STATES.get(state) ?? state, tries, again])}
    ${state === "dead" && button(id, "Send again", "again")}`,
    html`<span class="words">${dotted([status === null ? null : String(status), answer])}</span>`,
  ];
}

// What the form and the buttons do.

async function add(caller: Caller, sent: z.infer<typeof Added>): Promise<object> {
  const { url, text } = sent;
  const refused = caller.options.webhookRefusal(url);
  if (refused !== null) throw invalidInput(`The address ${refused}. Nothing was added.`);
  const ticked = new Set(Object.entries(sent).flatMap(([name, on]) => (on === "on" ? [name] : [])));
  const events = WebhookEvent.options.filter((event) => ticked.has(event)).join(" ");
  if (events === "") throw invalidInput("Tick at least one event. Nothing was added.");
  const given = { url, events, withText: text === "on", secret: newWebhookSecret() };
  await caller.run(async (transaction) => {
    if ((await allWebhooks(transaction)).length >= WEBHOOKS_MAX)
      throw invalidInput(`There are ${WEBHOOKS_MAX} webhooks already. Remove one first.`);
    const id = caller.parts.ids.next("wh");
    await addWebhook(transaction, { ...given, id, createdAt: caller.now });
    await caller.audit(transaction, "webhook_added", { webhook: id });
  });
  return { address: WEBHOOKS };
}

/** Does what a button says, with an entry of the audit. */
async function press(caller: Caller, { id, does }: z.infer<typeof Pressed>): Promise<object> {
  const { now } = caller;
  await caller.run(async (transaction) => {
    const one = (await allWebhooks(transaction)).find((webhook) => webhook.id === id);
    const isDone =
      does === "again"
        ? await sendAgain(transaction, id, now)
        : one !== undefined && (await change(transaction, { one, does, now }));
    if (!isDone) throw invalidInput("It was changed or removed already. Load the page again.");
    await caller.audit(transaction, `webhook_${does}`, { webhook: id });
  });
  return { address: WEBHOOKS };
}

/** False where there is nothing to do, since it was done before. */
async function change(
  transaction: Transaction,
  {
    one: { id, secret, offReason },
    does,
    now,
  }: { readonly one: Webhook; readonly does: z.infer<typeof Does>; readonly now: Date },
): Promise<boolean> {
  const isOn = offReason === null;
  if ((does === "on" && isOn) || (["off", "test"].includes(does) && !isOn)) return false;
  const test = { webhookId: id, event: "webhook.test", conversationId: "", data: { test: true } };
  const oldUntil = new Date(now.getTime() + ROTATION_MS);
  if (does === "test") await addDeliveries(transaction, [test], now);
  else if (does === "remove") await removeWebhook(transaction, id);
  else if (does === "rotate")
    await changeWebhook(transaction, id, {
      secret: newWebhookSecret(),
      oldSecret: secret,
      oldUntil,
    });
  else await changeWebhook(transaction, id, { offReason: isOn ? "a lead switched it off" : null });
  return true;
}
