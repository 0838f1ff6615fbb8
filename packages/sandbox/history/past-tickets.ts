/** The sandbox's past in the two forms it is read in: lines of a file, and entries for the sandbox's Zendesk. */
import type { PastAction, PastTicket } from "#core/values/rehearsal.ts";
import type { DoneAction, SolvedTicket } from "./index.ts";

/** A ticket as `deskhand rehearse --file` reads it. */
export function pastTicketOf(solved: SolvedTicket): PastTicket {
  const { number, customer, language, subject, question, askedAt, teammate, answer } = solved;
  return {
    id: `sample-${number}`,
    link: "",
    channel: "email",
    brand: "",
    language,
    subject,
    customer: customer.email,
    identity: {
      level: 2,
      method: "dkim",
      reason: `The sample history has it as a signed mail of ${customer.email}.`,
      handle: { kind: "email", email: customer.email },
    },
    identityAssumed: false,
    messages: [{ by: "customer", name: customer.name, text: question, at: askedAt.toISOString() }],
    answer: { by: teammate.name, text: answer, at: solved.answeredAt.toISOString() },
    actions: solved.actions.map(pastActionOf),
    outcome: solved.matter === "legal_threat" ? "handed_over" : "answered",
  };
}

function pastActionOf({ operation, order, amountMinor }: DoneAction): PastAction {
  return {
    operation,
    orderId: order,
    amount: amountMinor === null ? null : { minor: amountMinor, currency: "USD" },
    knownFrom: "ticket",
  };
}

/** A ticket as the sandbox's Zendesk takes it at `POST /_sandbox/history`. */
export function zendeskEntryOf(solved: SolvedTicket) {
  const { customer, subject, question, askedAt, teammate, answer, answeredAt, actions } = solved;
  return {
    customer: { name: customer.name, email: customer.email },
    subject,
    question,
    askedAt: askedAt.toISOString(),
    teammate: teammate.email,
    notes: actions.map(noteOf),
    answer,
    answeredAt: answeredAt.toISOString(),
  };
}

/** What a teammate notes for the team about what they did. */
function noteOf({ operation, order, amountMinor }: DoneAction): string {
  const amount = amountMinor === null ? "" : `, ${(amountMinor / 100).toFixed(2)} USD`;
  return `Done in the shop: ${operation}${order === null ? "" : `, order ${order}`}${amount}.`;
}
