/**
 * Room: the rehearsal model, rules that stand in for a real model in tests, evals and demos.
 * In: a chat completions request, as any model gets it.
 * Out: tool calls or an ending, always the same for the same request.
 * May touch: nothing; it reads only its request.
 * This file chooses the next calls: look-ups, or the end of the turn.
 */
import { NO_SUMMARY } from "#core/contracts/agent.ts";
import { readBlocks } from "#agent/data-marking.ts";
import { CODE_TOOL, CODE_WORDS } from "#agent/prompt.ts";
import { WISH_RULES } from "#agent/wishes.ts";
import { isAngryText } from "#guard/input/delicate.ts";
import { detectedLanguage } from "#guard/languages/detect.ts";
import {
  answerAddress,
  answerDeadline,
  answerMailed,
  answerPassword,
  answerPayments,
  answerRefund,
  answerStatus,
} from "./orders.ts";
import { answerFromPages } from "./pages.ts";
import {
  APOLOGY,
  type Answer,
  type Call,
  CompletionRequest,
  OFFER_PERSON,
  type ProposalSeen,
  type Transcript,
  beforehand,
  hasApology,
  PROPOSALS,
  readTranscript,
  sentence,
} from "./transcript.ts";
import type { Intent } from "./intents.ts";
import {
  type RequestPhrase,
  asksSomething,
  isAboutOrder,
  plainWish,
  requestPhrasesOf,
  wordsTakenBack,
} from "./wishes.ts";
import type { Fetch } from "#core/connection/http-answer.ts";
import { digest, jsonOrNull } from "#core/values/canonical-json.ts";
import { openaiModel } from "#agent/model.ts";
import { tokenEstimate } from "#agent/wire/read-answer.ts";
import type { Model } from "#core/contracts/model.ts";
import { CODE_MARK } from "#core/values/identity.ts";

const SUMMARY_CHARACTERS = 1_000;

/** The rules' next step: look something up, or end the turn. */
export function nextCalls(whole: Transcript): readonly Call[] {
  const transcript = withoutCodes(whole);
  const wishes = wishesIn(transcript);
  const answers = wishes.map((wish) => ANSWERS[wish.intent](wish, transcript));
  const code = codeAnswer(wishes, answers, transcript);
  const all = code === null ? answers : [...answers, code];
  if (all.length === 0)
    return transcript.code === "right"
      ? [replyOf([CODE_ALONE], transcript)]
      : [escalation({ reason: "The message holds nothing that could be answered." }, transcript)];
  const unclear = all.find((answer) => answer.kind === "escalate");
  if (unclear !== undefined) return [escalation(unclear, transcript)];
  const calls = new Map(
    all.filter((answer) => answer.kind === "call").map(({ call }) => [JSON.stringify(call), call]),
  );
  if (calls.size > 0) return [...calls.values()];
  return [replyOf(all, transcript)];
}

function wishesIn(transcript: Transcript): readonly RequestPhrase[] {
  if (namesAddress(transcript)) return [CODE_WISH];
  const wishes = requestPhrasesOf(transcript);
  // A customer who has just entered a code needs no other one.
  return transcript.code === "right" ? wishes.filter(({ intent }) => intent !== "code") : wishes;
}

const CODE_WISH: RequestPhrase = {
  intent: "code",
  orderId: null,
  amount: null,
  address: null,
  text: "",
};

const CODE_ALONE: Answer = {
  kind: "part",
  text: "Thank you, that is the right code. How can I help you?",
  topic: "greeting",
};

const ANSWERS: Readonly<Record<Intent, (wish: RequestPhrase, transcript: Transcript) => Answer>> = {
  order_status: answerStatus,
  refund: answerRefund,
  return: answerMailed("return"),
  invoice: answerMailed("invoice"),
  deadline: answerDeadline,
  machine: ({ text }) => ({
    kind: "part",
    text: `${/\b(?:human|person)\b/i.test(text) ? "No, a" : "Yes, a"} machine writes this: I am an assistant, a program, and people of the team read replies or take over.`,
    topic: "other",
  }),
  address: answerAddress,
  password: answerPassword,
  payments: answerPayments,
  code: ({ text }, transcript) =>
    transcript.offered.has(CODE_TOOL) ? answerCode(transcript) : answerFromPages(transcript, text),
  faq: answerQuestion,
  cancel: answerCancel,
  human: () => ({ kind: "escalate", reason: "The customer asks for a person.", wantsPerson: true }),
  recall: () => ({ kind: "escalate", reason: "The customer asks what was written before." }),
  greeting: () => ({
    kind: "part",
    text: "How can I help you? I can look up an order, help with a refund, a shipping address or a password, and answer questions about the shop.",
    topic: "greeting",
  }),
  thanks: () => ({
    kind: "part",
    text: "You're welcome! Just write again if there is anything else.",
    topic: "greeting",
  }),
};

/** A question that says too little by itself is read with the whole message. */
function answerQuestion({ text, told }: RequestPhrase, transcript: Transcript): Answer {
  const alone = answerFromPages(transcript, text, told);
  const whole = transcript.unread.join(" ");
  const answer =
    alone.kind === "escalate" && whole !== text ? answerFromPages(transcript, text, whole) : alone;
  return unlessForeign(answer, transcript);
}

/** Who takes it over sees how far the order is. */
function answerCancel(wish: RequestPhrase, transcript: Transcript): Answer {
  const status = answerStatus(wish, transcript);
  if (status.kind === "call") return status;
  const reason = "The customer wants an order cancelled, which the built-in model cannot do.";
  return { kind: "escalate", reason };
}

/** That nothing was found says nothing where the words were not understood: then people are told that. */
function unlessForeign(answer: Answer, { unread }: Transcript): Answer {
  const language = answer.kind === "escalate" ? detectedLanguage(unread.join("\n")) : null;
  if (language === null || language === "en") return answer;
  const name = LANGUAGE_NAMES.of(language) ?? language;
  return {
    kind: "escalate",
    reason: `It is written in ${name}, and the built-in model reads English alone.`,
  };
}

const LANGUAGE_NAMES = new Intl.DisplayNames("en", { type: "language" });

/** Answers first, the question last, so that the customer reads it at the end. Who is angry reads an apology first. */
function replyOf(answers: readonly Answer[], { unread }: Transcript): Call {
  const parts = answers.filter((answer) => answer.kind === "part" || answer.kind === "missing");
  const [question] = answers.filter((answer) => answer.kind === "question");
  const said = [...parts, ...(question ? [question] : [])].flatMap(({ text }) =>
    text.split("\n\n"),
  );
  const texts = [...new Set(said)];
  const isApologyDue = unread.some((text) => isAngryText(text)) && !texts.some(hasApology);
  return {
    name: "reply",
    input: {
      text: [...(isApologyDue ? [APOLOGY] : []), ...texts].join("\n\n"),
      kind: question === undefined ? "answer" : "question",
      topic: question?.topic ?? parts[0]?.topic ?? "other",
    },
  };
}

/** The rules write no summary: the hand-over composes one. What was said before is all they add. */
function escalation(
  { reason, wantsPerson }: Omit<Extract<Answer, { kind: "escalate" }>, "kind">,
  transcript: Transcript,
): Call {
  const { earlier } = transcript;
  const words = wordsTakenBack(transcript);
  const before = earlier.findLast(({ source }) => source === "you")?.text ?? "";
  return {
    name: "escalate",
    input: {
      reason,
      summary:
        before === ""
          ? NO_SUMMARY
          : `Our last reply before that: ${before}`.slice(0, SUMMARY_CHARACTERS),
      topic: null,
      ...(wantsPerson === true ? { wants_person: true } : {}),
      ...(words === null ? {} : { needless: `settled: ${words}` }),
    },
  };
}

// The model.

/**
 * The built-in model: rules for a dozen intents in English, always the same for the same request. It is called over
 * chat completions through the same client as a real model, so that all code around it is what runs in production.
 */
export function rehearsalModel(): Model {
  const model = openaiModel({
    apiKey: "none",
    baseUrl: "http://rehearsal.invalid/v1",
    model: "rehearsal",
    timeoutMs: 10_000,
    fetch: rehearsalFetch(),
  });
  return { ...model, isRehearsal: true };
}

/** Answers POST …/chat/completions inside the process as a server would, usage included. */
function rehearsalFetch(): Fetch {
  return async (_target, init) => {
    const body = typeof init?.body === "string" ? init.body : "";
    const request = CompletionRequest.safeParse(jsonOrNull(body));
    if (!request.success)
      return Response.json({ error: { message: "no chat completion" } }, { status: 400 });
    return Response.json(completionFor(request.data));
  };
}

/** Whether the customer plainly asks for what is to be done, where that is what is asked; null where it is not. */
export function wishRead({ messages: [rules, read] }: CompletionRequest): string | null {
  if (rules?.content !== WISH_RULES || read?.role !== "user") return null;
  const blocks = readBlocks(read.content);
  const said = (from: string): string => blocks.find(({ source }) => source === from)?.text ?? "";
  const sentence = plainWish(said("action"), said("customer"));
  return JSON.stringify({ asked: sentence !== null, sentence });
}

function completionFor(request: CompletionRequest) {
  const id = digest(request.messages).slice(0, 16);
  const content = wishRead(request);
  const next = content === null ? nextCalls(readTranscript(request)) : [];
  const calls = next.map(({ name, input }, index) => ({
    id: `call_${id}_${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify(input) },
  }));
  const message = { role: "assistant", content, refusal: null, tool_calls: calls };
  const prompt_tokens = tokenEstimate(request.messages);
  const completion_tokens = tokenEstimate(calls);
  return {
    id: `rehearsal-${id}`,
    object: "chat.completion",
    created: 0,
    model: request.model,
    choices: [
      {
        index: 0,
        message,
        finish_reason: content === null ? "tool_calls" : "stop",
        logprobs: null,
      },
    ],
    usage: {
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
    },
  };
}

// One-time codes.

/** Sources whose text can stand between a question and its code without belonging to either. */
const BESIDES: ReadonlySet<string> = new Set(["team note", "system", "other person", "teammate"]);

/**
 * The conversation to answer: without the codes, and after a right code with the questions that were open when it was
 * requested, as if they had been asked now.
 */
function withoutCodes(transcript: Transcript): Transcript {
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
function namesAddress({ earlier, unread }: Transcript): boolean {
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
function codeAnswer(
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
function answerCode(transcript: Transcript): Answer {
  const proposal = PROPOSALS.code(transcript);
  if (proposal.kind !== "seen") return beforehand(proposal);
  return { kind: "part", text: wordsFor(proposal.value, transcript), topic: "other" };
}

function wordsFor(proposal: ProposalSeen, { unverified }: Transcript): string {
  if (proposal.status === "proposed") return CODE_WORDS.sent;
  if (proposal.status === "denied") return `${sentence(proposal.reason)} ${OFFER_PERSON}`;
  return unverified ? CODE_WORDS.addressWanted : "There is no need for a code.";
}
