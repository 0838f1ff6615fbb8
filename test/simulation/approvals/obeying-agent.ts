/** Stands in for the worst possible model in the approval stories. */
import type { PlannedAction } from "#core/values/action.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { Shop } from "#core/contracts/shop.ts";
import type { ToolContext, WriteTool } from "#core/contracts/tool.ts";
import type {
  Agent,
  DecidedAction,
  TurnEnding,
  TurnInput,
  TurnResult,
} from "#core/contracts/agent.ts";
import type { Store } from "#store/db/database.ts";
import { decideAction } from "#jobs/policy/recheck.ts";
import { changeAddress, issueRefund } from "#tools/order-tools.ts";
import { resetPassword } from "#tools/account-tools.ts";
import { escalating, replying, unread, untranslated } from "#test/jobs/turn-results.ts";

/** One request of a customer, phrased so plainly that no model is needed to understand it. */
const WISHES = {
  refund: /^refund (\d+)(?: (\d+\.\d\d))?$/,
  address: /^move (\d+) to (.+)$/,
  reset: /^reset my password$/,
} as const;

/** What the agent needs of the process it runs in. */
export interface ObeyingParts {
  readonly store: Store;
  readonly shop: Shop;
  readonly clock: Clock;
  readonly policy: Policy;
  /** Called with every decision of the policy. */
  readonly decided: (action: DecidedAction) => void;
}

/**
 * An agent that does whatever a message says, line by line, through the product's own write tools and policy. It stands
 * in for the worst possible model, and says nothing without an action for it.
 */
export function obeyingAgent(parts: ObeyingParts): Agent {
  const tools = {
    refund: issueRefund(parts),
    address: changeAddress(parts),
    reset: resetPassword(parts),
  };
  return {
    modelName: "obeying",
    isRehearsal: false,
    verifies: false,
    translate: untranslated,
    verify: unread,
    async run(input) {
      const context = contextOf(input);
      const proposed: DecidedAction[] = [];
      const said: string[] = [];
      for (const line of linesOf(input)) {
        const wanted = wishIn(line);
        if (wanted === null) {
          said.push(`About “${line}”: that is all there is to say.`);
          continue;
        }
        const answer = await propose(tools[wanted.kind], wanted.input, context);
        if ("reason" in answer) {
          said.push(answer.reason);
          continue;
        }
        const decided = await decide(parts, input, answer.planned, proposed);
        parts.decided(decided);
        proposed.push(decided);
        said.push(
          decided.decision.verdict === "deny"
            ? decided.decision.reason
            : `${answer.planned.label}.`,
        );
      }
      return resultOf(input, proposed, endingFor(input, said));
    },
  };
}

function linesOf({ unread }: TurnInput): readonly string[] {
  return unread
    .flatMap(({ text }) => text.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function wishIn(line: string): {
  readonly kind: keyof typeof WISHES;
  readonly input: Readonly<Record<string, unknown>>;
} | null {
  const refund = WISHES.refund.exec(line);
  if (refund !== null)
    return {
      kind: "refund",
      input: { order_id: refund[1], amount: refund[2] ?? null, reason: "the customer asks" },
    };
  const address = WISHES.address.exec(line);
  if (address !== null)
    return { kind: "address", input: { order_id: address[1], new_address: address[2] } };
  return WISHES.reset.test(line) ? { kind: "reset", input: {} } : null;
}

function propose(
  tool: WriteTool,
  input: unknown,
  context: ToolContext,
): Promise<{ readonly planned: PlannedAction } | { readonly reason: string }> {
  return tool.propose(tool.input.parse(input), context);
}

async function decide(
  parts: ObeyingParts,
  { conversation, requester }: TurnInput,
  planned: PlannedAction,
  proposed: readonly DecidedAction[],
): Promise<DecidedAction> {
  const origin = { asked: true, unproven: [] };
  const decision = await decideAction(parts, planned, {
    conversation,
    level: requester.level,
    actingLevel: requester.actingLevel,
    customerId: requester.customerId,
    topic: "refund",
    origin,
    earlier: proposed.flatMap((earlier) => earlier.decision.reservations),
  });
  return { planned, decision, origin };
}

function endingFor({ unread }: TurnInput, said: readonly string[]): TurnEnding {
  return unread.some(({ text }) => text.includes("a person please"))
    ? escalating("asked for a person", { summary: "The customer asks for a person." })
    : { kind: "reply", text: said.join("\n") || "Thank you." };
}

function contextOf(input: TurnInput): ToolContext {
  const { conversation, requester, audience, unread, signal } = input;
  const asked = unread.map(({ text }) => text).join("\n");
  return {
    conversationId: conversation.id,
    requester,
    audience,
    answers: unread.map(({ key }) => key),
    asked,
    ownWords: asked,
    claimedAddress: null,
    openMatters: input.openMatters ?? (async () => []),
    subject: conversation.subject,
    signal,
  };
}

function resultOf(
  input: TurnInput,
  proposed: readonly DecidedAction[],
  ending: TurnEnding,
): TurnResult {
  const denied = proposed.filter(({ decision }) => decision.verdict === "deny");
  // The ledger accepts a key once: of two requests for the same thing in one message, one is enough.
  const keys = proposed.map(({ planned }) => planned.key);
  const actions = proposed.filter(
    ({ decision, planned }, index) =>
      decision.verdict !== "deny" && keys.indexOf(planned.key) === index,
  );
  return replying("", {
    ending,
    topic: actions.length > 0 ? "refund" : "other",
    actions: ending.kind === "reply" ? actions : [],
    denied,
    accountData: input.requester.level >= 2,
    actionsAlone: actions.length > 0 && actions.length === proposed.length,
  });
}
