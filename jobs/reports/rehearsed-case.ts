/** Makes a candidate for an eval case of a rehearsed ticket, and masks what identifies people in it. */
import { stringify } from "yaml";
import { formatMoney } from "#core/values/money.ts";
import type { Message } from "#core/values/message.ts";
import type { PastMessage, PersonVerdict, RehearsedTicket } from "#core/values/rehearsal.ts";
import { masker } from "#jobs/masks/anonymize.ts";
import type { KeptTicket } from "#store/rehearsal/rehearsals.ts";
import { literally } from "#core/values/words.ts";

const LINE_WIDTH = 100;
const EARLIER_MAX = 10;

/** What every name of a kept ticket begins with, so that it is told from a conversation's id. */
export const KEPT_PREFIX = "rehearsed-";

/** The name a ticket is kept under: letters, digits and hyphens, the same for the same ticket of a rehearsal. */
export function keptName(rehearsalId: string, ticketId: string): string {
  const words = `${rehearsalId} ${ticketId}`.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return `${KEPT_PREFIX}${words.join("-")}`.slice(0, 200);
}

/**
 * Masks secrets, names of the customer and of `team`, e-mail and postal addresses, telephone numbers and long numbers in
 * texts of one ticket. It finds what the ticket names and what has a recognizable shape, not everything.
 */
export function ticketMasker(
  { ticket }: Pick<RehearsedTicket, "ticket">,
  team: readonly string[],
): (text: string) => string {
  const { messages, answer, customer } = ticket;
  const names = [...messages.map(({ name }) => name), answer.by, ...team];
  const written = names.map((name) => messageBy(name, answer.at));
  const mask = masker({ messages: written, cards: [], effects: [] });
  return (text) =>
    mask(
      customer === null ? text : text.replaceAll(new RegExp(literally(customer), "gi"), "[e-mail]"),
    );
}

/** The masker reads names from messages; everything else of them is of no matter to it. */
function messageBy(name: string, sentAt: PastMessage["at"]): Message {
  return {
    key: name,
    author: { kind: "requester", id: name, name },
    visibility: "public",
    subject: "",
    text: "",
    segments: [],
    attachments: [],
    sentAt,
    identity: { level: 0, method: "none", reason: "a past ticket", handle: { kind: "none" } },
    answerTo: null,
    answerPrivatelyTo: null,
    ignore: null,
  };
}

/** The ticket as a candidate in YAML, masked. A person completes it before it becomes a case. */
export function rehearsedCase(
  { played, verdict, keptAs }: KeptTicket,
  team: readonly string[],
): string {
  const masked = ticketMasker(played, team);
  const { ticket, topic, identityLevel } = played;
  const { earlier, input } = turnsIn(ticket.messages);
  const written = {
    id: `candidate-${keptAs}`,
    channel: ticket.channel,
    ...(earlier.length === 0 ? {} : { earlier: earlier.slice(-EARLIER_MAX).map(masked) }),
    input: input.map(masked),
    identity: { level: identityLevel },
    expected_behavior: masked(behaviourOf(played, verdict)),
    must_include: [],
    must_not_include: [],
    risk_category: /^[a-z0-9]+(?:_[a-z0-9]+)*$/.exec(topic)?.[0] ?? "other",
    ...actionsFor(played, verdict),
  };
  return stringify([written], { lineWidth: LINE_WIDTH });
}

/** What the customer wrote since the team last wrote is the input; what they wrote before are earlier turns. */
function turnsIn(messages: readonly PastMessage[]): {
  readonly earlier: readonly string[];
  readonly input: readonly string[];
} {
  const turns: string[][] = [];
  let isNew = true;
  for (const { by, text } of messages) {
    if (by === "customer") {
      if (isNew) turns.push([]);
      turns.at(-1)?.push(text);
    }
    isNew = by !== "customer";
  }
  return {
    earlier: turns.slice(0, -1).map((texts) => texts.join("\n\n")),
    input: turns.at(-1) ?? [],
  };
}

const SAID: Readonly<Record<PersonVerdict["right"], string>> = {
  draft: "A lead said that Deskhand was right.",
  person: "A lead said that the teammate was right.",
  both: "A lead said that both answers are fine.",
  neither: "A lead said that neither answer was right.",
};

function behaviourOf({ ticket, draft }: RehearsedTicket, verdict: PersonVerdict | null): string {
  const said =
    verdict === null ? "To be checked: no lead has said who was right." : SAID[verdict.right];
  const drafted = draft === null ? "Deskhand wrote no answer." : `Deskhand drafted: ${draft.text}`;
  return `${said} The teammate answered: ${ticket.answer.text} ${drafted}`;
}

/** The actions of the side that was right; without a word about it, people's. None where that is not known. */
function actionsFor({ ticket, actions }: RehearsedTicket, verdict: PersonVerdict | null) {
  if (verdict?.right === "neither") return {};
  if (verdict?.right === "draft" || verdict?.right === "both")
    return {
      expected_actions: actions.map(({ verdict: allowed, ...action }) => lineOf(action, allowed)),
    };
  return ticket.actions === null
    ? {}
    : { expected_actions: ticket.actions.map((action) => lineOf(action, "ask")) };
}

function lineOf(
  {
    operation,
    orderId,
    amount,
  }: Pick<RehearsedTicket["actions"][number], "operation" | "orderId" | "amount">,
  verdict: "allow" | "ask" | "deny",
) {
  return {
    operation,
    ...(orderId === null ? {} : { order: orderId }),
    ...(amount === null ? {} : { amount: formatMoney(amount) }),
    verdict,
  };
}
