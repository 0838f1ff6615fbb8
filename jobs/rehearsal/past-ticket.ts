/** Makes a past ticket of a conversation as its source shows it: everything up to the first answer of a person. */
import type { IdentityEvidence } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { PastMessage, PastOutcome, PastTicket } from "#core/values/rehearsal.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { factsStated } from "./stated-facts.ts";

/** A conversation with its messages, oldest first; notes of the team may be among them. */
export interface SourceConversation {
  readonly id: string;
  readonly link: string;
  readonly channel: ChannelName;
  readonly brand: string;
  readonly subject: string;
  /** The customer's address; null where the source has none. */
  readonly customer: string | null;
  readonly messages: readonly Pick<
    Message,
    "author" | "visibility" | "text" | "sentAt" | "identity" | "ignore"
  >[];
  /** True where the evidence of the messages is an assumption. */
  readonly identityAssumed: boolean;
}

/** More messages before the first answer are no ticket of a person. */
const MESSAGES_MAX = 500;

/** The ticket, or in words why there is none to rehearse. */
export function pastTicketOf(
  conversation: SourceConversation,
): PastTicket | { readonly leftOut: string } {
  const { messages, customer, ...known } = conversation;
  const shown = messages.filter(
    ({ visibility, author }) => visibility === "public" && author.kind !== "system",
  );
  const at = shown.findIndex(
    ({ author, text }) => author.kind === "teammate" && text.trim() !== "",
  );
  const answer = shown[at];
  if (answer === undefined) return { leftOut: "no person answered it" };
  const before = shown
    .slice(0, at)
    .filter(({ ignore, text }) => ignore === null && text.trim() !== "");
  const asked = before.findLast(({ author }) => author.kind === "requester");
  if (asked === undefined) return { leftOut: "the team wrote first" };
  const past = before.slice(-MESSAGES_MAX).map(pastMessage);
  return {
    ...known,
    language: null,
    customer: customer?.toLowerCase() ?? null,
    identity: asked.identity satisfies IdentityEvidence,
    messages: past,
    answer: { by: answer.author.name.slice(0, 500), text: answer.text, at: answer.sentAt },
    actions: null,
    outcome: outcomeOf(answer, shown.slice(at + 1)),
  };
}

function pastMessage({
  author,
  text,
  sentAt,
}: SourceConversation["messages"][number]): PastMessage {
  const by = author.kind === "requester" ? "customer" : "team";
  return { by, name: author.name.slice(0, 500), text, at: sentAt };
}

/** A person asked back when they asked, stated nothing, and the customer wrote again; otherwise they answered. */
function outcomeOf(
  { text, sentAt }: Pick<Message, "text" | "sentAt">,
  later: SourceConversation["messages"],
): PastOutcome {
  const asks = text.includes("?") && factsStated(text, new Date(sentAt)).length === 0;
  return asks && later.some(({ author }) => author.kind === "requester") ? "asked" : "answered";
}
