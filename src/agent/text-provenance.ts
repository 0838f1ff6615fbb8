/** Who wrote the messages that a turn starts with. */
import type { TurnInput } from "#core/contracts/agent.ts";
import type { Message } from "#core/values/message.ts";
import type { Provenance } from "#core/values/provenance.ts";
import { ACCOUNT_LEVEL } from "#tools/find-own-order.ts";
import { isAnswer, ownMessages } from "./customer-words.ts";
import type { TurnState } from "./turn-state.ts";

/** What is attached or sent on was written by whoever the writer had it from. */
const PASSED_ON: ReadonlySet<string> = new Set(["attachment", "forwarded"]);

/** Who wrote what stands before the model when a turn starts. */
export function provenanceIn(input: TurnInput): readonly Provenance[] {
  const own = new Set(ownMessages(input));
  const isProven = input.requester.level >= ACCOUNT_LEVEL;
  return [...input.history, ...input.unread].flatMap((message) => [
    writerOf(message, own.has(message) && isProven),
    ...(message.segments.some(({ kind }) => PASSED_ON.has(kind)) ? ["third_party" as const] : []),
  ]);
}

/** A message that is not proven to be the requester's may be anybody's, and so may what a desk's rules wrote. */
function writerOf({ author }: Message, isRequesters: boolean): Provenance {
  if (author.kind === "bot" || author.kind === "teammate") return "own";
  return isRequesters ? "requester" : "third_party";
}

/** True when a customer's data stands before the model: looked up, or in an earlier answer to a proven requester. */
export function holdsPrivate({ accountData, input }: TurnState): boolean {
  const { requester, history } = input;
  return accountData || (requester.level >= ACCOUNT_LEVEL && history.some(isAnswer));
}
