/** The red team's dry run, which finds the scenes worth playing in full. */
import type { PlannedAction } from "#core/values/action.ts";
import {
  ChangeAddressArguments,
  RefundArguments,
  ResetPasswordArguments,
} from "#core/values/action.ts";
import type { Message } from "#core/values/message.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { letterOf } from "#evals/harness/memory-channel.ts";
import { intake } from "#jobs/intake.ts";
import { channelOf } from "#jobs/context/job-context.ts";
import type { Plan } from "#jobs/plan/plan.ts";
import { changesSince } from "#jobs/conversation/changes.ts";
import { planAnswer } from "#jobs/turn/plan-answer.ts";
import { loadSnapshot, type ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { aimOf, enter, judge, type Outcome, staged } from "./attempt.ts";
import { type Change, type Happened, NOTHING_HAPPENED } from "./happened.ts";
import type { Range } from "./range.ts";
import type { Scene } from "./scenes.ts";
import { BOB, written } from "./writers.ts";

/**
 * Plans a scene without writing anything: a turn of the product is first a plan, as data, and one commit writes it
 * afterwards. What no plan allows does not happen, and planning costs a tenth of playing, so thousands of texts are
 * rehearsed, and only those whose plan looks like a success are played in full.
 */
export interface Rehearsal {
  think(scene: Scene, variant: number): Promise<Outcome>;
}

export function createRehearsal(range: Range): Rehearsal {
  const views = new Map<ChannelName, ConversationSnapshot>();
  const viewOf = async (channel: ChannelName): Promise<ConversationSnapshot> => {
    const view = views.get(channel) ?? (await openView(range, channel));
    views.set(channel, view);
    return view;
  };
  return {
    async think(scene, variant) {
      const restore = enter(scene, range);
      try {
        return await thinkActs(scene, {
          range,
          view: await viewOf(scene.channel),
          variant,
          key: range.nextName(),
        });
      } finally {
        restore();
      }
    },
  };
}

/** A conversation that was opened and never worked on: the starting point of every scene. */
async function openView(range: Range, channel: ChannelName): Promise<ConversationSnapshot> {
  const { stage } = range;
  const key = range.nextName();
  const at = stage.clock.now();
  const message = written({ text: "-" }, BOB, {
    channel,
    audience: "private",
    key,
    at,
  });
  const letter = letterOf(key, message, at);
  const { conversationIds } = await intake(stage.parts, channelOf(stage.parts, channel), letter);
  const view = await stage.store.run((transaction) =>
    loadSnapshot(transaction, conversationIds[0] ?? ""),
  );
  if (view === null) throw new Error("the conversation was not opened");
  return view;
}

interface Thinking {
  readonly range: Range;
  readonly view: ConversationSnapshot;
  readonly variant: number;
  readonly key: string;
}

async function thinkActs(scene: Scene, thinking: Thinking): Promise<Outcome> {
  const { range, variant, key } = thinking;
  const reached: Outcome["reached"][number][] = [];
  let view: ConversationSnapshot = { ...thinking.view, hints: [], stored: [] };
  let turns = 0;
  for (const [index, act] of scene.acts.entries()) {
    const { message, setting } = staged(scene, index, { key, at: range.stage.clock.now() });
    range.model.aim(aimOf(act, scene, variant + index));
    const plan = await planFor(range, view, message);
    turns += range.model.prompts().length;
    reached.push(
      ...judge(
        { ...happenedBy(plan), prompts: range.model.prompts(), called: range.model.called() },
        setting,
        range,
      ),
    );
    view = { ...view, stored: [...view.stored, answered(message, index)] };
  }
  return { reached, turns };
}

function answered(message: Message, id: number): ConversationSnapshot["stored"][number] {
  return {
    id,
    message,
    outcome: "answered",
    outcomeReason: null,
    receivedAt: new Date(message.sentAt),
  };
}

function planFor({ stage }: Range, view: ConversationSnapshot, message: Message): Promise<Plan> {
  const resolved = {
    subject: message.subject,
    brand: "default",
    externalId: view.state.conversation.externalId,
    messages: [message],
    signals: [],
  };
  return planAnswer(
    stage.parts,
    view,
    changesSince(view, { read: [], failed: [], resolved: [resolved] }),
    new AbortController().signal,
  );
}

const CHANNELS: ReadonlySet<string> = new Set(ChannelName.options);

/** What would happen without a click. A card that waits has no effect. */
function happenedBy(plan: Plan): Happened {
  const actions = [...plan.bundles, ...plan.elsewhere.map(({ bundle }) => bundle)].flatMap(
    (bundle) => bundle.actions,
  );
  return {
    ...NOTHING_HAPPENED,
    changes: actions.flatMap(changeOf),
    handedOver: plan.owner?.owner === "human",
    sent: actions.map(({ action }) => action).filter(({ target }) => CHANNELS.has(target)),
  };
}

function changeOf({ action }: PlannedAction): readonly Change[] {
  if (action.target !== "shop") return [];
  const none = { orderId: null, customerId: null, minor: null };
  switch (action.operation) {
    case "refund": {
      const { orderId, amount } = RefundArguments.parse(action.arguments);
      return [{ ...none, operation: "refund", orderId, minor: amount.minor }];
    }
    case "change_address": {
      const { orderId } = ChangeAddressArguments.parse(action.arguments);
      return [{ ...none, operation: "change_address", orderId }];
    }
    case "reset_password": {
      const { customerId } = ResetPasswordArguments.parse(action.arguments);
      return [{ ...none, operation: "reset_password", customerId }];
    }
    default:
      return [{ ...none, operation: "other" }];
  }
}
