/** Tells a reply that answers nothing, such as "I can't assist with that", where no teammate or second model reads it before it goes out. */
import { sentencePieces } from "#guard/output/sentences.ts";
import { withoutCodeSentences } from "#text/code-words.ts";
import { isCourtesy, wordsIn } from "#verifier/courtesies.ts";
import { namedProcedures } from "./follow-procedures.ts";
import { type AgentParts, type TurnState, turnTopic } from "./turn-state.ts";

/** Why a reply of no look-up, action, page or question goes to people; for them. */
export const ANSWERS_NOTHING =
  "The answer rests on nothing: nothing was looked up or proposed, no page says it, and it asks nothing.";

/**
 * True for a reply that rests on nothing and asks nothing back, although the customer wants more than to greet or thank.
 * Only where it would go out unread: a person who gets the draft, and a second model, see by themselves what it is worth.
 */
export function isEmptyAnswer(
  draft: {
    readonly text: string;
    readonly topic: string;
    /** Facts of it that were found in results, earlier answers and procedures. */
    readonly receiptsFound: number;
  },
  state: TurnState,
  parts: AgentParts,
): boolean {
  if (draft.receiptsFound > 0 || restsOnSomething(state) || isReadByOthers(draft, state, parts))
    return false;
  const { requester, unread } = state.input;
  const names = [requester.name ?? "", ...unread.map(({ author }) => author.name)];
  const theirs = new Set(wordsIn(names.join(" ")));
  const said = moreThanCourtesy(draft.text, theirs);
  const asksBack = said.some((sentence) => /[?？؟]\W*$/.test(sentence));
  return said.length > 0 && !asksBack && moreThanCourtesy(state.context.asked, theirs).length > 0;
}

function restsOnSomething({ toolsCalled, actions, passages, procedures, followed }: TurnState) {
  const steps = namedProcedures(procedures, followed);
  return toolsCalled.length + actions.size + passages.size + steps.length > 0;
}

function isReadByOthers(
  { topic }: { readonly topic: string },
  state: TurnState,
  { verifier, freedom }: AgentParts,
): boolean {
  const { conversation, instruction } = state.input;
  const { channel } = conversation;
  return (
    instruction !== undefined ||
    (verifier !== null && freedom.verifyOn(channel) !== "never") ||
    freedom.replyAutonomy(channel, turnTopic(state, topic)) !== "auto"
  );
}

/** Its sentences that do more than greet, thank, regret or wish; our own sentences about codes are known. */
function moreThanCourtesy(text: string, names: ReadonlySet<string>): readonly string[] {
  return sentencePieces(withoutCodeSentences(text))
    .map((sentence) => sentence.text)
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence))
    .filter((sentence) => !isCourtesy(sentence, (word) => names.has(word)));
}
