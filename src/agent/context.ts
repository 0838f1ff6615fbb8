/** The state a turn begins with, and its first messages: the rules, and what is known about the conversation. */

import { bySentAt, inKinds, type Message } from "#core/values/message.ts";
import { CHANNEL_TRAITS } from "#core/values/vocabulary.ts";
import { CODE_MARK, CODE_METHOD, REFUSED_CODE_METHOD } from "#core/values/identity.ts";
import type { ModelMessage } from "#core/contracts/model.ts";
import { nothingUsed, type TurnInput } from "#core/contracts/agent.ts";
import { ACCOUNT_LEVEL } from "#tools/own-order.ts";
import type { Span } from "#core/values/trace.ts";
import { startDeadline } from "#core/values/deadline.ts";
import { oneClaimedAddress } from "#guard/identity/bind-requester.ts";
import type { FollowedProcedure } from "#core/contracts/knowledge.ts";
import type { FindOpenMatters } from "#core/cases/open-matter.ts";
import { block, type BlockSource, nextNonce } from "./data-marking.ts";
import { procedureLines } from "./follow-procedures.ts";
import { CODE_TOOL, codeLines, HEADINGS, systemPrompt, turnLines } from "./prompt.ts";
import type { AgentParts, Opening, TurnState } from "./turn-state.ts";
import { customerOwnWords, provenanceIn, quotesShown } from "./customer-words.ts";

/** Older messages are left out; the model is told how many. */
const HISTORY_MESSAGES_MAX = 30;
const HISTORY_CHARACTERS_MAX = 4_000;
const UNREAD_MESSAGES_MAX = 30;
const UNREAD_CHARACTERS_MAX = 20_000;

/** The transcript a turn starts with: the rules, then one message with everything that is known. */
export function startingMessages(options: Opening): ModelMessage[] {
  const { input, nonce, canary, decided, readOnly, today } = options;
  return [
    { role: "system", content: options.rules ?? systemPrompt(decided) },
    {
      role: "user",
      content: [
        ...turnLines({ nonce, canary, today, voice: input.voice }),
        ...procedureLines(options.procedures ?? []),
        ...subjectLines(options),
        ...historyLines(options),
        ...unreadLines(options),
        ...identityLines(input, decided),
        ...(CHANNEL_TRAITS[input.conversation.channel].isOneWindow ? [HEADINGS.inChat] : []),
        ...(input.mayAsk ? [] : [HEADINGS.askedBefore]),
        ...(input.guard.mayBe === undefined ? [] : [`${HEADINGS.mayBe} ${input.guard.mayBe}`]),
        ...(readOnly ? [HEADINGS.readOnly] : []),
        ...instructionLines(options),
      ].join("\n"),
    },
  ];
}

/** Messages of before that a shortened transcript still shows. */
const SHORT_HISTORY = 2;
const RESULT_LEFT_OUT =
  "(This result is left out, because the conversation is too long. Call the tool again if you need it.)";

/**
 * Shortens a transcript that the model has no room for, always in the same way: of what was said before the newest two
 * messages stay, with the newest of a customer's, before which stands what was open then; and of the tools' results those
 * of the last round. The model is told what is left out. Gives what is shown now.
 */
export function shorten(messages: ModelMessage[], opening: Opening): ShownInput {
  const { history, olderMessages = 0 } = opening.input;
  const customers = history.findLastIndex(({ author }) => author.kind === "requester");
  const shown = history.filter(
    (_, index) => index === customers || index >= history.length - SHORT_HISTORY,
  );
  const older = olderMessages + history.length - shown.length;
  const input = { ...opening.input, history: shown, olderMessages: older };
  const start = startingMessages({ ...opening, input, isShort: true });
  const last = messages.findLastIndex(({ role }) => role === "assistant");
  for (const [at, message] of messages.entries())
    messages[at] =
      start[at] ??
      (message.role === "tool" && at < last
        ? { ...message, content: leftOut(message.content) }
        : message);
  return { input, isShort: true };
}

/** A result that is left out keeps the rules below it. */
function leftOut(content: string): string {
  const [, rules = ""] = /\n<<end [^\n]*>>(\n[^]*)?$/.exec(content) ?? [];
  return `${RESULT_LEFT_OUT}${rules}`;
}

/** What the code found out about the writer, as far as the model needs it: never who they are. */
function identityLines(
  { requester, unread, language, voice }: TurnInput,
  decided: readonly string[],
): readonly string[] {
  const withCode = unread.filter(({ text }) => text.includes(CODE_MARK));
  const entered = (method: string) => withCode.some(({ identity }) => identity.method === method);
  const said = (state: "unverified" | "wrong") =>
    decided.includes(CODE_TOOL) ? codeLines(state, language, voice.address) : [HEADINGS.lookUp];
  // Of a whole case the level is that of its weakest message, and the code was right all the same.
  if (entered(CODE_METHOD) && requester.level >= ACCOUNT_LEVEL) return [HEADINGS.codeRight];
  if (requester.level === 3) return [];
  return [
    ...(requester.level < ACCOUNT_LEVEL ? [HEADINGS.unverified, ...said("unverified")] : []),
    ...(entered(REFUSED_CODE_METHOD) ? [HEADINGS.codeWrong, ...said("wrong")] : []),
  ];
}

/** A teammate's instruction, on a line of its own. The draft it refers to stays data, since a model wrote it. */
function instructionLines({ input, guard, nonce }: Opening) {
  const { instruction } = input;
  if (instruction === undefined) return [];
  return [
    HEADINGS.redo,
    block(nonce, "your draft", guard.mask(instruction.draft)),
    `${HEADINGS.hint} ${JSON.stringify(guard.mask(instruction.hint).replaceAll(nonce, ""))}`,
  ];
}

function subjectLines({ input, guard, nonce }: Opening): readonly string[] {
  const { subject } = input.conversation;
  // On channels without subjects it is the beginning of the first message and adds nothing.
  const repeats = [...input.history, ...input.unread].some(({ text }) => text.startsWith(subject));
  return repeats ? [] : [block(nonce, "subject", guard.mask(subject))];
}

function historyLines(options: Opening): readonly string[] {
  if (options.input.history.length === 0) return [];
  const { earlier, open, openMax, leftEarlier } = shownMessages(options);
  return [
    HEADINGS.earlier,
    ...(leftEarlier === 0 ? [] : [`(${leftEarlier} older messages are left out.)`]),
    ...(open.length === 0 ? earlier : [...earlier, ...open].toSorted(bySentAt)).flatMap((message) =>
      open.includes(message)
        ? messageBlocks(message, options, openMax, "customer, still open")
        : messageBlocks(message, options, HISTORY_CHARACTERS_MAX),
    ),
  ];
}

/** When a customer wrote a lot before the first answer, the newest messages are the ones shown. */
function unreadLines(options: Opening): readonly string[] {
  const { now, leftNow } = shownMessages(options);
  return [
    HEADINGS.unread,
    ...(leftNow === 0 ? [] : [`(${leftNow} older ones of these are left out.)`]),
    ...now.flatMap((message) => messageBlocks(message, options, UNREAD_CHARACTERS_MAX)),
  ];
}

/** The input of a turn, as far as its model is shown it. */
type ShownInput = Pick<Opening, "input" | "isShort">;

/**
 * The messages the model is shown. What is open of another channel and older than what the customer wrote since stands
 * among that in the order of time, so that a later wish is seen to be the later one; it gives way with the history.
 */
function shownMessages({ input: { history, unread, olderMessages = 0 }, isShort }: ShownInput) {
  const last = history.findLast(({ author }) => author.kind === "requester");
  const overtaken = unread
    .slice(0, -1)
    .filter((message) => last !== undefined && bySentAt(message, last) < 0);
  const rest = unread.filter((message) => !overtaken.includes(message));
  const earlier = history.slice(-HISTORY_MESSAGES_MAX);
  const open = overtaken.slice(-UNREAD_MESSAGES_MAX);
  const now = rest.slice(-UNREAD_MESSAGES_MAX);
  return {
    earlier,
    open,
    now,
    openMax: isShort === true ? HISTORY_CHARACTERS_MAX : UNREAD_CHARACTERS_MAX,
    leftEarlier: olderMessages + history.length - earlier.length + overtaken.length - open.length,
    leftNow: rest.length - now.length,
  };
}

function overhang(messages: readonly Message[], charactersMax: number): number {
  const over = messages.map(({ text }) => Math.max(0, text.length - charactersMax));
  return over.reduce((sum, characters) => sum + characters, 0);
}

/**
 * The visible text, then what was attached or forwarded. Quoted text repeats the history; where there is none, it is the
 * only sign of what was said before, and is shown where the guard finds nothing in it.
 */
function messageBlocks(
  message: Message,
  { input, guard, nonce }: Opening,
  charactersMax: number,
  source: BlockSource = messageSource(message, input),
): readonly string[] {
  const shortened = (from: BlockSource, text: string): readonly string[] => {
    const masked = guard.mask(text);
    const left = masked.length - charactersMax;
    const shown = block(nonce, from, masked.slice(0, charactersMax));
    return left <= 0 ? [shown] : [shown, `(${left} more characters of this are left out.)`];
  };
  const quoted = quotesShown(input, guard, message);
  const notSeen = inKinds(message.attachments.filter(({ read }) => read !== true));
  const names = message.attachments.map(({ name, mediaType }) => `${name} (${mediaType})`);
  return [
    ...shortened(source, message.text),
    ...message.segments
      .filter(({ kind }) => kind === "attachment" || kind === "forwarded")
      .flatMap(({ text }) => shortened("attached text", text)),
    ...quoted.flatMap((text) => shortened("quoted text", text)),
    ...(names.length === 0 ? [] : shortened("attached file names", names.join("\n"))),
    ...(notSeen === "" ? [] : [`(${notSeen}: you know their names only.)`]),
  ];
}

/** Writers choose their own names, so only the role is shown as the source. */
function messageSource({ author, visibility }: Message, input: TurnInput): BlockSource {
  if (visibility === "internal") return "team note";
  if (author.kind === "requester")
    return author.id === input.unread.at(-1)?.author.id ? "customer" : "other person";
  return author.kind === "bot" ? "you" : author.kind;
}

// The state a turn begins with: what it is given, and what of it the model is not shown.

/** The state a turn begins with. */
export function startState(
  input: TurnInput,
  parts: AgentParts,
  procedures: readonly FollowedProcedure[],
): TurnState {
  const nonce = nextNonce(parts);
  const isDoubted = input.guard.verdict !== "allow";
  const readOnly = isDoubted && input.guard.isOnScore !== true;
  const startedAt = parts.clock.now();
  const caps = parts.caps();
  const deadline = startDeadline(input.signal, caps.turn.ms);
  const opening = openingFor(parts, {
    input,
    nonce,
    readOnly,
    procedures,
    today: parts.dayOf(startedAt),
  });
  return {
    input,
    nonce,
    startedAt,
    deadline,
    caps,
    context: {
      conversationId: input.conversation.id,
      requester: input.requester,
      audience: input.audience,
      answers: input.unread.map(({ key }) => key),
      asked: parts.guard.mask(input.unread.map(({ text }) => text).join("\n\n")),
      ownWords: customerOwnWords(input),
      claimedAddress: oneClaimedAddress(input.unread, input.history),
      subject: input.conversation.subject,
      brand: input.conversation.brand,
      openMatters: input.openMatters ?? nothingOpen,
      signal: deadline.signal,
    },
    messages: startingMessages(opening),
    opening,
    isShortened: false,
    procedures: [],
    followed: "",
    leftOut: "",
    ...nothingUsed(),
    spans: contextSpans({ input }, startedAt),
    actions: new Map(),
    denied: new Map(),
    passages: new Map(),
    toolsCalled: [],
    provenance: new Set(provenanceIn(input, parts.guard)),
    toolResults: [],
    tried: [],
    told: new Map(),
    wishesRead: new Map(),
    readerIsAway: false,
    writeTopic: null,
    readOnly,
    isDoubted,
    doubts: [],
    accountData: false,
    repairs: 0,
    invalidCalls: 0,
    invalidRounds: 0,
    invalid: "call",
    modelIsSilent: false,
  };
}

function openingFor(
  parts: AgentParts,
  given: Pick<Opening, "input" | "nonce" | "readOnly" | "procedures" | "today">,
): Opening {
  const { canary, guard, rules, tools } = parts;
  const decided = tools.filter(({ kind }) => kind === "write").map(({ name }) => name);
  return { ...given, guard, canary, decided, rules };
}

const nothingOpen: FindOpenMatters = async () => [];

/** When the model was not shown the whole conversation, the trace says how much was left out. */
export function contextSpans(shown: ShownInput, startedAt: Date): Span[] {
  const { earlier, open, now, openMax, leftEarlier, leftNow } = shownMessages(shown);
  const messages = leftEarlier + leftNow;
  const characters =
    overhang(earlier, HISTORY_CHARACTERS_MAX) +
    overhang(open, openMax) +
    overhang(now, UNREAD_CHARACTERS_MAX);
  if (messages + characters === 0) return [];
  const attributes = {
    "deskhand.messages_left_out": messages,
    "deskhand.characters_left_out": characters,
  };
  const name = "shorten context";
  return [{ name, startedAt: startedAt.toISOString(), durationMs: 0, attributes }];
}
