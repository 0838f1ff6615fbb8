/** Answers requests for changes: refunds, addresses and password resets. */
import { decisionGround } from "#core/contracts/policy.ts";
import { ORDER_NOT_FOUND } from "#core/contracts/tool.ts";
import { calledBy, namesOf, orderMeant } from "./orders.ts";
import { quoteFor } from "./pages.ts";
import {
  lookAtPages,
  lookAtProposal,
  type ProposalSeen,
  type SeenOrder,
  type Answer,
  beforehand,
  OFFER_PERSON,
  orderNotFound,
  sentence,
} from "./results.ts";
import type { Call, Transcript } from "./transcript.ts";
import type { RequestPhrase } from "./wishes.ts";
import { oneLine } from "#core/values/words.ts";

const REASON_CHARACTERS_MAX = 200;
const REFUND_PAGE = "refund policy: how many days after delivery";
const ADDRESS_PAGE = "change the shipping address of an order";

/** A refund. Without a clear order it asks once and names those that can still be refunded. */
export function answerRefund(wish: RequestPhrase, transcript: Transcript): Answer {
  const open = (order: SeenOrder) => !/^0(?:\.0+)?\s/.test(order.refundable);
  const meant = orderMeant(wish, transcript, open);
  if (meant.kind === "answer") return meant.answer;
  if (meant.kind === "several") return askWhich(meant.orders, transcript);
  const { order_id, item } = meant.order;
  const call: Call = {
    name: "issue_refund",
    input: { order_id, amount: wish.amount, reason: reasonOf(wish.text) },
  };
  const proposal = lookAtProposal(transcript, call);
  if (proposal.kind !== "seen") return beforehand(proposal);
  const { value } = proposal;
  if (value.status === "proposed") {
    const amount = /\d[\d.]{0,20} [A-Z]{3}/.exec(value.label)?.[0] ?? "the amount";
    const text = `I have refunded ${amount} for order ${calledBy(order_id, [item])} to your original payment method.`;
    return { kind: "part", text, topic: "refund" };
  }
  const no = `I'm sorry, I can't refund order ${calledBy(order_id, [item])}.`;
  return explained(no, value, order_id, { query: REFUND_PAGE, topic: "refund" }, transcript);
}

/** Orders outside the refund page's window cannot be chosen, so the question leaves them out. */
function askWhich(orders: readonly SeenOrder[], transcript: Transcript): Answer {
  if (transcript.askedBefore)
    return { kind: "escalate", reason: "It is unclear which order is to be refunded." };
  const pages = lookAtPages(transcript, REFUND_PAGE);
  if (pages.kind === "call") return pages;
  const texts = pages.kind === "seen" ? pages.value.map(({ text }) => text) : [];
  const days = Number(/(\d{1,3}) days/.exec(texts.join("\n"))?.[1] ?? Number.NaN);
  const choices = orders.filter(({ delivered_on }) =>
    delivered_on === null || Number.isNaN(days)
      ? true
      : Date.parse(transcript.today) - Date.parse(delivered_on) <= days * 86_400_000,
  );
  const named = choices.length > 0 ? choices : orders;
  return {
    kind: "question",
    text:
      named.length === 0
        ? "Which order would you like refunded? Please send its number."
        : `Which order would you like refunded? I can see ${namesOf(named)}.`,
    topic: "refund",
  };
}

/** Another shipping address for one order. */
export function answerAddress(wish: RequestPhrase, transcript: Transcript): Answer {
  const meant = orderMeant(wish, transcript, ({ shipped_on }) => shipped_on === null);
  if (meant.kind === "answer") return meant.answer;
  if (meant.kind === "several")
    return question(transcript, {
      text:
        meant.orders.length === 0
          ? "Which order is the new address for?"
          : `Which order is the new address for? I can see ${namesOf(meant.orders)}.`,
      topic: "address",
    });
  const { order_id } = meant.order;
  if (wish.address === null)
    return question(transcript, {
      text: `What is the full new address for order ${order_id}?`,
      topic: "address",
    });
  const call: Call = {
    name: "change_address",
    input: { order_id, new_address: wish.address },
  };
  const proposal = lookAtProposal(transcript, call);
  if (proposal.kind !== "seen") return beforehand(proposal);
  if (proposal.value.status === "proposed") {
    const text = `I have changed the shipping address of order ${order_id} to ${wish.address}.`;
    return { kind: "part", text, topic: "address" };
  }
  const no = `I'm sorry, I can't change the shipping address of order ${order_id}.`;
  const page = { query: ADDRESS_PAGE, topic: "address" };
  return explained(no, proposal.value, order_id, page, transcript);
}

const NO_ACCOUNT_HERE = "I can't find your account here.";
const NO_ACCOUNT_OF_ADDRESS =
  "I can't find an account for your address. Please write from the e-mail address of your account.";

/** Requests a link to the address on file; the reply never contains the address. */
export function answerPassword(transcript: Transcript): Answer {
  const proposal = lookAtProposal(transcript, { name: "reset_password", input: {} });
  if (proposal.kind !== "seen") return beforehand(proposal);
  const { value } = proposal;
  if (value.status === "proposed")
    return {
      kind: "part",
      text: "I have sent a password reset link to the e-mail address on file for your account. Please check your spam folder too if you don't see it.",
      topic: "password",
    };
  if (value.status === "impossible")
    return {
      kind: "missing",
      text: `${transcript.inChat ? NO_ACCOUNT_HERE : NO_ACCOUNT_OF_ADDRESS} ${OFFER_PERSON}`,
      topic: "password",
    };
  return {
    kind: "part",
    text: `I'm sorry, I can't send a password reset link now. ${sentence(value.reason)} ${OFFER_PERSON}`,
    topic: "password",
  };
}

/** A refusal with its reason, what the help pages say about it, and the offer of a person. */
function explained(
  no: string,
  proposal: Exclude<ProposalSeen, { status: "proposed" }>,
  orderId: string,
  page: { readonly query: string; readonly topic: string },
  transcript: Transcript,
): Answer {
  // The tool found no order although the look-up before did: it is gone or no longer this customer's.
  const isOrderMissing =
    proposal.status === "denied"
      ? decisionGround(proposal).name === "order"
      : proposal.reason === ORDER_NOT_FOUND;
  if (isOrderMissing)
    return { kind: "missing", text: orderNotFound(orderId, transcript), topic: page.topic };
  const reason = sentence(proposal.reason);
  if (proposal.status === "impossible")
    return { kind: "part", text: `${no} ${reason}`, topic: page.topic };
  const pages = lookAtPages(transcript, page.query);
  if (pages.kind === "call") return pages;
  const quote = pages.kind === "seen" ? quoteFor(page.query, pages.value) : null;
  return {
    kind: "part",
    text: [no, reason, ...(quote === null ? [] : [`${quote}.`]), OFFER_PERSON].join(" "),
    topic: page.topic,
  };
}

function question(
  { askedBefore }: Transcript,
  asked: { readonly text: string; readonly topic: string },
): Answer {
  return askedBefore
    ? { kind: "escalate", reason: "It is still unclear what is meant after asking back." }
    : { kind: "question", ...asked };
}

function reasonOf(text: string): string {
  return oneLine(text).slice(0, REASON_CHARACTERS_MAX).trim();
}
