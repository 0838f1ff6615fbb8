/** The state a turn begins with: what it is given, and what of it the model is not shown. */
import type { Span } from "#core/values/trace.ts";
import { type AgentParts, type TurnState, toolOffers } from "./turn-state.ts";
import { nextNonce } from "./data-marking.ts";
import { startDeadline } from "#core/values/deadline.ts";
import { askedText, startingMessages, amountLeftOut, type Opening } from "./context.ts";
import { customerOwnWords, provenanceIn } from "./customer-words.ts";
import { oneClaimedAddress } from "#guard/identity/bind-requester.ts";
import { nothingUsed } from "./span.ts";
import { procedureSpans } from "./follow-procedures.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import type { FollowedProcedure } from "#core/contracts/knowledge.ts";
import type { FindOpenMatters } from "#core/cases/open-matter.ts";

/** The state a turn begins with. */
export function startState(
  input: TurnInput,
  parts: AgentParts,
  procedures: readonly FollowedProcedure[],
): TurnState {
  const nonce = nextNonce(parts);
  const readOnly = input.guard.verdict !== "allow";
  const startedAt = parts.clock.now();
  const caps = parts.caps();
  const deadline = startDeadline(input.signal, caps.turn.ms);
  const opening = openingFor(parts, { input, nonce, readOnly, procedures, today: startedAt });
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
      asked: askedText(input, parts.guard),
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
    procedures,
    followed: "",
    leftOut: "",
    ...nothingUsed(),
    spans: [...contextSpans(input, startedAt), ...procedureSpans(procedures, startedAt)],
    actions: new Map(),
    denied: new Map(),
    passages: new Map(),
    toolsCalled: [],
    provenance: new Set(provenanceIn(input)),
    toolResults: [],
    tried: [],
    told: new Map(),
    writeTopic: null,
    readOnly,
    accountData: false,
    repairs: 0,
    invalidCalls: 0,
    invalidRounds: 0,
    invalid: "call",
    modelIsSilent: false,
  };
}

function openingFor(
  { canary, guard, rules, tools }: AgentParts,
  given: Pick<Opening, "input" | "nonce" | "readOnly" | "procedures" | "today">,
): Opening {
  const { decided } = toolOffers(tools);
  return { ...given, guard, canary: canary(given.input.turnId), decided, rules };
}

const nothingOpen: FindOpenMatters = async () => [];

/** When the model was not shown the whole conversation, the trace says how much was left out. */
export function contextSpans(input: TurnInput, startedAt: Date): Span[] {
  const { messages, characters } = amountLeftOut(input);
  if (messages + characters === 0) return [];
  const attributes = {
    "deskhand.messages_left_out": messages,
    "deskhand.characters_left_out": characters,
  };
  const name = "shorten context";
  return [{ name, startedAt: startedAt.toISOString(), durationMs: 0, attributes }];
}
