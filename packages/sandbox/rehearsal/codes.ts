/** Answers messages about one-time codes. */
import { CODE_TOOL, CODE_WORDS } from "#agent/prompt.ts";
import { CODE_MARK } from "#core/values/identity.ts";
import {
  lookAtProposal,
  type ProposalSeen,
  type Answer,
  beforehand,
  OFFER_PERSON,
  sentence,
} from "./results.ts";
import type { Transcript } from "./transcript.ts";
import { asksSomething, isAboutOrder, type RequestPhrase } from "./wishes.ts";

/** Sources whose text can stand between a question and its code without belonging to either. */
const BESIDES: ReadonlySet<string> = new Set(["team note", "system", "other person", "teammate"]);

/**
 * The conversation to answer: without the codes, and after a right code with the questions that were open when it was
 * requested, as if they had been asked now.
 */
export function withoutCodes(transcript: Transcript): Transcript {
  const { code, unread, earlier } = transcript;
  if (code === null) return transcript;
  const rest = unread.map(withoutMark).filter(asksSomething);
  if (code === "wrong") return { ...transcript, unread: rest };
  const from = beginOfCode(earlier);
  const asked = earlier
    .slice(from)
    .filter(({ source }) => source === "customer")
    .map(({ text }) => withoutMark(text))
    .filter(asksSomething);
  return { ...transcript, earlier: earlier.slice(0, from), unread: [...asked, ...rest] };
}

function withoutMark(text: string): string {
  return text.replaceAll(CODE_MARK, "").trim();
}

/** Where the exchange about a code began: the first of the latest messages in which we wrote about nothing else. */
function beginOfCode(earlier: Transcript["earlier"]): number {
  const before = earlier.findLastIndex(
    ({ source, text }) => source !== "customer" && !BESIDES.has(source) && !speaksOfCode(text),
  );
  return before + 1;
}

function speaksOfCode(text: string): boolean {
  return [CODE_WORDS.sent, CODE_WORDS.refused, CODE_WORDS.addressWanted].some((words) =>
    text.includes(words),
  );
}

/** An address alone is the answer to our question for it. */
export function namesAddress({ earlier, unread }: Transcript): boolean {
  const last = earlier.findLast(({ source }) => source === "you");
  return (
    last?.text.includes(CODE_WORDS.addressWanted) === true &&
    unread.some((text) => /\S@\S/.test(text)) &&
    !unread.some(asksSomething)
  );
}

/**
 * What is said before or instead of everything else when a code was entered or the writer is unknown; null for nothing.
 */
export function codeAnswer(
  wishes: readonly RequestPhrase[],
  answers: readonly Answer[],
  transcript: Transcript,
): Answer | null {
  const { code, unverified, offered } = transcript;
  if (code === "wrong")
    return {
      kind: "part",
      text: `${CODE_WORDS.refused} ${CODE_WORDS.offered}`,
      topic: "other",
    };
  const isWanted = wishes.some(isAboutOrder) || answers.some(({ kind }) => kind === "missing");
  return unverified && offered.has(CODE_TOOL) && isWanted ? answerCode(transcript) : null;
}

/** Sends a code, or asks for the address it needs. The text is the same for every address. */
export function answerCode(transcript: Transcript): Answer {
  const proposal = lookAtProposal(transcript, { name: CODE_TOOL, input: {} });
  if (proposal.kind !== "seen") return beforehand(proposal);
  return { kind: "part", text: wordsFor(proposal.value, transcript), topic: "other" };
}

function wordsFor(proposal: ProposalSeen, { unverified }: Transcript): string {
  if (proposal.status === "proposed") return CODE_WORDS.sent;
  if (proposal.status === "denied") return `${sentence(proposal.reason)} ${OFFER_PERSON}`;
  return unverified ? CODE_WORDS.addressWanted : "There is no need for a code.";
}
