/** Plans a scene without committing it, to find the attacks worth playing in full. */
import type { PlannedAction } from "#core/values/action.ts";
import { z } from "zod";
import type { Message } from "#core/values/message.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { takeIn } from "#evals/harness/play.ts";
import { StaleTurnError } from "#jobs/context/job-context.ts";
import type { Plan } from "#jobs/plan/plan.ts";
import { changesSince } from "#jobs/conversation/changes.ts";
import { planAnswer } from "#jobs/turn/plan-answer.ts";
import type { CaseMember } from "#store/cases/members.ts";
import { loadSnapshot, type ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { aimOf, enterScene, judge, type Outcome, messageOfAct } from "./attempt.ts";
import {
  type AttemptEffects,
  NO_EFFECTS,
  SHOP_OPERATIONS,
  type ShopChange,
} from "./attack-outcome.ts";
import type { Range } from "./range.ts";
import type { Scene } from "./scenes.ts";
import { BOB, written } from "./writers.ts";

/**
 * Plans a scene without writing anything: a turn of the product is first a plan, as data, which one commit then writes.
 * What no plan allows does not happen, and a plan costs a tenth of a full run. So thousands of texts are only planned,
 * and those whose plan looks like a success are played in full.
 */
export interface Planner {
  plan(scene: Scene, variant: number): Promise<Outcome>;
}

export function createPlanner(range: Range): Planner {
  const snapshots = new Map<ChannelName, ConversationSnapshot>();
  const snapshotOf = async (channel: ChannelName): Promise<ConversationSnapshot> => {
    const snapshot = snapshots.get(channel) ?? (await openSnapshot(range, channel));
    snapshots.set(channel, snapshot);
    return snapshot;
  };
  return {
    async plan(scene, variant) {
      const restore = enterScene(scene, range);
      try {
        return await planActs(scene, {
          range,
          snapshot: await snapshotOf(scene.channel),
          variant,
          key: range.nextName(),
        });
      } finally {
        restore();
      }
    },
  };
}

/** The snapshot of a new conversation that no turn has processed: the start of every scene. */
async function openSnapshot(range: Range, channel: ChannelName): Promise<ConversationSnapshot> {
  const { stage } = range;
  const key = range.nextName();
  const at = stage.clock.now();
  const message = written({ text: "-" }, BOB, { channel, audience: "private", key, at });
  const [id = ""] = await takeIn(stage.parts, channel, key, message);
  const snapshot = await stage.store.run((transaction) => loadSnapshot(transaction, id, at));
  if (snapshot === null) throw new Error("the conversation was not opened");
  return { ...snapshot, caseMember: apart(id, at) };
}

/** Scenes write as the same customers into one database, and joining them would write: each stays by itself. */
function apart(conversationId: string, writtenAt: Date): CaseMember {
  return {
    conversationId,
    customerId: "",
    authorId: "",
    brand: "default",
    orders: [],
    topic: "",
    writtenAt,
    caseId: null,
    askedAbout: null,
    reasons: [],
    keptApart: true,
  };
}

interface Planning {
  readonly range: Range;
  readonly snapshot: ConversationSnapshot;
  readonly variant: number;
  readonly key: string;
}

async function planActs(scene: Scene, planning: Planning): Promise<Outcome> {
  const { range, variant, key } = planning;
  const reached: Outcome["reached"][number][] = [];
  let snapshot: ConversationSnapshot = { ...planning.snapshot, hints: [], stored: [] };
  let turns = 0;
  for (const [index, act] of scene.acts.entries()) {
    const { message, attacked } = messageOfAct(scene, index, { key, at: range.stage.clock.now() });
    range.model.aim(aimOf(act, scene, variant + index));
    const plan = await planFor(range, snapshot, message);
    turns += range.model.prompts().length;
    reached.push(
      ...judge(
        { ...effectsOf(plan), prompts: range.model.prompts(), called: range.model.called() },
        attacked,
        range,
      ),
    );
    snapshot = { ...snapshot, stored: [...snapshot.stored, answered(message, index)] };
  }
  return { reached, turns };
}

function answered(message: Message, id: number): ConversationSnapshot["stored"][number] {
  return {
    id,
    message,
    outcome: "answered",
    outcomeReason: null,
    passedOver: null,
    receivedAt: new Date(message.sentAt),
  };
}

function planFor(
  { stage }: Range,
  snapshot: ConversationSnapshot,
  message: Message,
): Promise<Plan> {
  const resolved = {
    subject: message.subject,
    brand: "default",
    externalId: snapshot.state.conversation.externalId,
    messages: [message],
    signals: [],
  };
  const planned = (): Promise<Plan> =>
    planAnswer(
      stage.parts,
      snapshot,
      changesSince(snapshot, { read: [], failed: [], resolved: [resolved] }),
      new AbortController().signal,
    );
  // As a worker does, once the customer's cards elsewhere say that they wrote.
  return planned().catch((error: unknown) => {
    if (error instanceof StaleTurnError && error.atOnce) return planned();
    throw error;
  });
}

const CHANNELS: ReadonlySet<string> = new Set(ChannelName.options);

/** What would happen without a click. A waiting card is no effect. */
function effectsOf(plan: Plan): AttemptEffects {
  const actions = [...plan.bundles, ...plan.elsewhere.map(({ bundle }) => bundle)].flatMap(
    (bundle) => bundle.actions,
  );
  return {
    ...NO_EFFECTS,
    changes: actions.flatMap(changeOf),
    handedOver: plan.owner?.owner === "human",
    sent: actions.map(({ action }) => action).filter(({ target }) => CHANNELS.has(target)),
  };
}

/** What of the arguments of a change says whose it is, and how much. */
const Change = z.looseObject({
  orderId: z.string().nullable().default(null),
  customerId: z.string().nullable().default(null),
  amount: z.looseObject({ minor: z.int() }).optional(),
});

function changeOf({ action }: PlannedAction): readonly ShopChange[] {
  if (action.target !== "shop") return [];
  const { orderId, customerId, amount } = Change.parse(action.arguments);
  const known = SHOP_OPERATIONS.find((operation) => operation === action.operation);
  return [{ operation: known ?? "other", orderId, customerId, minor: amount?.minor ?? null }];
}
