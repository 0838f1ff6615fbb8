/** Builds the messages a turn starts with: the rules, and what is known about the conversation. */
import { inKinds, type Message } from "#core/values/message.ts";
import { CHANNEL_TRAITS } from "#core/values/channel-traits.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import { CODE_MARK, CODE_METHOD, REFUSED_CODE_METHOD } from "#core/values/identity.ts";
import type { ModelMessage } from "#core/contracts/model.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import { ACCOUNT_LEVEL } from "#tools/find-own-order.ts";
import { block, type BlockSource } from "./data-marking.ts";
import type { FollowedProcedure } from "#core/contracts/knowledge.ts";
import { procedureLines } from "./follow-procedures.ts";
import { CODE_TOOL, codeLines, HEADINGS, systemPrompt, turnLines } from "./prompt.ts";

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
        ...procedureLines(options.procedures ?? [], nonce),
        ...subjectLines(options),
        ...historyLines(options),
        ...unreadLines(options),
        ...identityLines(input, decided),
        ...(CHANNEL_TRAITS[input.conversation.channel].isOneWindow ? [HEADINGS.inChat] : []),
        ...(input.mayAsk ? [] : [HEADINGS.askedBefore]),
        ...(readOnly ? [HEADINGS.readOnly] : []),
        ...instructionLines(options),
      ].join("\n"),
    },
  ];
}

/** What a transcript begins with. */
export interface Opening {
  readonly input: TurnInput;
  readonly guard: InputGuard;
  readonly nonce: string;
  readonly canary: string;
  /** Names of the tools of this installation whose actions the policy or a person decides on. */
  readonly decided: readonly string[];
  /** True when none of them is offered in this turn. */
  readonly readOnly: boolean;
  /** Rules in place of the product's own. */
  readonly rules?: string | undefined;
  /** The team's procedures for this case; none when left out. */
  readonly procedures?: readonly FollowedProcedure[];
  readonly today: Date;
}

/** Messages of before that a shortened transcript still shows. */
const SHORT_HISTORY = 2;
const RESULT_LEFT_OUT =
  "(This result is left out, because the conversation is too long. Call the tool again if you need it.)";

/**
 * Shortens a transcript that the model has no room for, always in the same way: of what was said before the newest two
 * messages stay, and of the tools' results those of the last round. The model is told what is left out. Gives the input
 * as it is shown now.
 */
export function shorten(messages: ModelMessage[], opening: Opening): TurnInput {
  const { history, olderMessages = 0 } = opening.input;
  const shown = history.slice(-SHORT_HISTORY);
  const older = olderMessages + history.length - shown.length;
  const input = { ...opening.input, history: shown, olderMessages: older };
  const start = startingMessages({ ...opening, input });
  const last = messages.findLastIndex(({ role }) => role === "assistant");
  for (const [at, message] of messages.entries())
    messages[at] =
      start[at] ??
      (message.role === "tool" && at < last ? { ...message, content: RESULT_LEFT_OUT } : message);
  return input;
}

/** What the requester wrote in this turn, masked; for hand-overs and the output check. */
export function askedText(input: TurnInput, guard: InputGuard): string {
  return guard.mask(input.unread.map((message) => message.text).join("\n\n"));
}

/** What the code found out about the writer, as far as the model needs it: never who they are. */
function identityLines(
  { requester, unread, language, voice }: TurnInput,
  decided: readonly string[],
): readonly string[] {
  const withCode = unread.filter(({ text }) => text.includes(CODE_MARK));
  const entered = (method: string) => withCode.some(({ identity }) => identity.method === method);
  const said = (state: "unverified" | "wrong") =>
    decided.includes(CODE_TOOL) ? codeLines(state, language, voice.address) : [];
  if (requester.level === 3) return entered(CODE_METHOD) ? [HEADINGS.codeRight] : [];
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
  const { history, olderMessages = 0 } = options.input;
  if (history.length === 0) return [];
  const shown = history.slice(-HISTORY_MESSAGES_MAX);
  const left = history.length - shown.length + olderMessages;
  return [
    HEADINGS.earlier,
    ...(left === 0 ? [] : [`(${left} older messages are left out.)`]),
    ...shown.flatMap((message) => messageBlocks(message, options, HISTORY_CHARACTERS_MAX)),
  ];
}

/** When a customer wrote a lot before the first answer, the newest messages are the ones shown. */
function unreadLines(options: Opening): readonly string[] {
  const { unread } = options.input;
  const left = Math.max(0, unread.length - UNREAD_MESSAGES_MAX);
  return [
    HEADINGS.unread,
    ...(left === 0 ? [] : [`(${left} older ones of these are left out.)`]),
    ...unread
      .slice(left)
      .flatMap((message) => messageBlocks(message, options, UNREAD_CHARACTERS_MAX)),
  ];
}

/** How many messages and characters the model is not shown, for the trace. */
export function amountLeftOut({ history, unread, olderMessages = 0 }: TurnInput): {
  readonly messages: number;
  readonly characters: number;
} {
  const earlier = history.slice(-HISTORY_MESSAGES_MAX);
  const now = unread.slice(-UNREAD_MESSAGES_MAX);
  const all = olderMessages + history.length + unread.length;
  return {
    messages: all - earlier.length - now.length,
    characters: overhang(earlier, HISTORY_CHARACTERS_MAX) + overhang(now, UNREAD_CHARACTERS_MAX),
  };
}

function overhang(messages: readonly Message[], charactersMax: number): number {
  const over = messages.map(({ text }) => Math.max(0, text.length - charactersMax));
  return over.reduce((sum, characters) => sum + characters, 0);
}

/** The visible text, then what was attached or forwarded. Quoted text is left out: it repeats the history. */
function messageBlocks(
  message: Message,
  { input, guard, nonce }: Opening,
  charactersMax: number,
): readonly string[] {
  const shortened = (source: BlockSource, text: string): readonly string[] => {
    const masked = guard.mask(text);
    const left = masked.length - charactersMax;
    const shown = block(nonce, source, masked.slice(0, charactersMax));
    return left <= 0 ? [shown] : [shown, `(${left} more characters of this are left out.)`];
  };
  const notSeen = inKinds(message.attachments.filter(({ read }) => read !== true));
  const names = message.attachments.map(({ name, mediaType }) => `${name} (${mediaType})`);
  return [
    ...shortened(messageSource(message, input), message.text),
    ...message.segments
      .filter(({ kind }) => kind === "attachment" || kind === "forwarded")
      .flatMap(({ text }) => shortened("attached text", text)),
    ...(names.length === 0 ? [] : shortened("attached file names", names.join("\n"))),
    ...(notSeen === "" ? [] : [`(${notSeen}: you know their names only.)`]),
  ];
}

/** Writers choose their own names, so only the role is shown as the source. */
function messageSource({ author, visibility }: Message, input: TurnInput): BlockSource {
  if (visibility === "internal") return "team note";
  switch (author.kind) {
    case "requester":
      return author.id === input.unread.at(-1)?.author.id ? "customer" : "other person";
    case "bot":
      return "you";
    case "teammate":
      return "teammate";
    case "system":
      return "system";
    default:
      throw new Error(`unknown author ${String(author.kind satisfies never)}`);
  }
}
