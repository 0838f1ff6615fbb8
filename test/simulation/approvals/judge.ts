/** Judges whether each commit is exactly what people approved. */
import { RefundArguments, type Action, type PlannedAction } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Conversation } from "#core/values/message.ts";
import type { Role } from "#core/values/vocabulary.ts";
import type { Approvers, Policy } from "#core/contracts/policy.ts";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import { approvalIn } from "#store/approvals/approvals.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { bundleEffects, effectByKey, type Effect } from "#store/effects/ledger.ts";
import { approval } from "#store/db/schema.ts";
import type { Clicker } from "./people.ts";
import { isOperatorText, textOf } from "./replies.ts";
import type { TestEnvironment } from "./environment.ts";
import type { Watcher } from "./watcher.ts";

/** What a card meant to the person who saw it: everything its seal should cover, determined without the seal. */
interface Meaning {
  readonly approvalId: string;
  readonly version: number;
  readonly conversation: Conversation;
  readonly actions: readonly PlannedAction[];
  /** What people had said in the conversation. */
  readonly spoken: readonly unknown[];
  readonly terms: readonly Terms[];
  readonly shownAt: Date;
}

interface Terms {
  readonly denied: boolean;
  readonly approvers: Approvers;
}

/** A commit with its context. */
interface Done {
  readonly key: string;
  readonly action: Action;
  readonly bundle: readonly Effect[];
  readonly policy: Policy;
}

interface Press {
  readonly human: string;
  readonly role: Role;
  readonly approvalId: string;
  readonly version: number;
}

/** Operations that reach the customer or change something of theirs; all others stay within the team. */
const OUTWARD = ["reply", "refund", "cancel_order", "change_address", "reset_password"];

/**
 * Compares commits with clicks and trusts nothing stored about a decision: a card's meaning is recorded when it is
 * shown, the clicker when they click, and current facts are read from their source.
 */
export class Judge implements Watcher {
  /** Commits that do not match any click, as text. */
  readonly wrong: string[] = [];
  /** The number of commits that match what was clicked. */
  right = 0;
  private readonly environment: TestEnvironment;
  private readonly meanings = new Map<string, Meaning>();
  private presses: Press[] = [];

  constructor(environment: TestEnvironment) {
    this.environment = environment;
  }

  /** Records what each waiting card means now. Called before any tampering. */
  async look(): Promise<void> {
    const { store } = this.environment;
    const policy = await this.environment.inForce();
    await store.run(async (transaction) => {
      for (const row of await transaction.select().from(approval)) {
        const { id, version, state, proposal, conversationId } = approvalIn(row);
        const name = `${id}:${version}`;
        if (state !== "pending" || proposal === null || this.meanings.has(name)) continue;
        const found = await loadConversation(transaction, conversationId);
        if (found === null) continue;
        const { conversation } = found;
        const shownAt = this.environment.clock.now();
        this.meanings.set(name, {
          approvalId: id,
          version,
          conversation,
          actions: proposal.actions,
          spoken: this.spokenIn(conversation),
          terms: proposal.actions.map((planned) => termsOf(policy, planned, conversation, shownAt)),
          shownAt,
        });
      }
    });
  }

  async pressed({ human, role }: Clicker, decided: DeskDecision): Promise<void> {
    if (decided.button !== "approve" || role === null) return;
    const { approvalId, version } = decided;
    this.presses.push({ human, role, approvalId, version });
  }

  answered(_clicker: Clicker, decided: DeskDecision, accepted: boolean): void {
    if (accepted && decided.button === "undo")
      this.presses = this.presses.filter(({ approvalId }) => approvalId !== decided.approvalId);
  }

  async commit({ key, action }: { readonly key: string; readonly action: Action }): Promise<void> {
    if (!OUTWARD.includes(action.operation)) return;
    const policy = await this.environment.inForce();
    if (isOperatorText(textOf({ action }), policy)) return;
    const effect = await this.environment.store.run((transaction) => effectByKey(transaction, key));
    const bundle =
      effect === null
        ? []
        : await this.environment.store.run((transaction) =>
            bundleEffects(transaction, effect.bundle),
          );
    const reasons = [...this.meanings.values()].map((meaning) =>
      this.differenceFrom(meaning, { key, action, bundle, policy }),
    );
    if (reasons.includes(null)) this.right += 1;
    else
      this.wrong.push(
        `${action.operation} ${key}: ${[...new Set(reasons)].join("; ") || "no card was ever shown"}`,
      );
  }

  /** Null when enough people approved exactly this, and everything it rests on is unchanged. */
  private differenceFrom(meaning: Meaning, done: Done): string | null {
    const at = meaning.actions.findIndex(({ key }) => key === done.key);
    if (at < 0) return "it stands on no card that was shown";
    const begun = done.bundle.filter(({ state }) => state === "done").map(({ key }) => key);
    return (
      this.peopleMissing(meaning, begun.length === 0 ? done.policy : null) ??
      this.contentChanged(meaning, at, begun, done)
    );
  }

  /** Everything except the people: the action, and the facts and messages it rests on. */
  private contentChanged(
    { actions, spoken, conversation }: Meaning,
    at: number,
    begun: readonly string[],
    done: Done,
  ): string | null {
    const happens = actions.map((planned, index) => {
      const { key, action } = index === at ? done : planned;
      // An action that is already done has changed its own facts.
      const facts = begun.includes(planned.key)
        ? planned.facts
        : planned.facts.map(({ orderId }) =>
            sealedOrderFacts(this.environment.shop.order(orderId)),
          );
      return { key, action, facts };
    });
    const clicked = actions.map(({ key, action, facts }) => ({ key, action, facts }));
    // Once the bundle has begun, the reply reports what was done and goes out whatever is said meanwhile.
    const said = begun.length === 0 ? this.spokenIn(conversation) : spoken;
    return digest([clicked, spoken]) === digest([happens, said])
      ? null
      : "what was clicked is not what happens";
  }

  /** A policy that changed since may require more people, or refuse; it never makes fewer enough. */
  private peopleMissing(meaning: Meaning, policy: Policy | null): string | null {
    const { approvalId, version, conversation, shownAt, actions } = meaning;
    const terms = [
      ...meaning.terms,
      ...(policy === null
        ? []
        : actions.map((planned) => termsOf(policy, planned, conversation, shownAt))),
    ];
    if (terms.some(({ denied }) => denied)) return "the policy forbids it";
    const yes = new Map(
      this.presses
        .filter((press) => press.approvalId === approvalId && press.version === version)
        .map(({ human, role }) => [human, role]),
    );
    const count = Math.max(1, ...terms.map(({ approvers }) => approvers.count));
    const leads = Math.max(0, ...terms.map(({ approvers }) => approvers.leads));
    const leadsPresent = [...yes.values()].filter((role) => role === "lead").length;
    return yes.size >= count && leadsPresent >= leads
      ? null
      : `${yes.size} people clicked, and ${count} are needed, ${leads} of them leads`;
  }

  private spokenIn({ channel, externalId }: Conversation): readonly unknown[] {
    const { email, zendesk, chat } = this.environment.channels;
    return (channel === "email" ? email : channel === "zendesk" ? zendesk : chat).spoken(
      externalId,
    );
  }

  written(): void {}
  teammateSaid(): void {}
  failed(): void {}
  async afterStep(): Promise<void> {
    await this.look();
  }
}

/** The policy's decision on an action whose window counts from when the card was shown. */
function termsOf(
  policy: Policy,
  planned: PlannedAction,
  conversation: Conversation,
  at: Date,
): Terms {
  const { operation } = planned.action;
  const { channel, brand } = conversation;
  if (operation === "reply") {
    const autonomy = policy.replyAutonomy(channel, "refund");
    return { denied: autonomy === "shadow", approvers: { count: 1, leads: 0 } };
  }
  const refund = RefundArguments.safeParse(planned.action.arguments);
  const { verdict, approvers } = policy.decide({
    operation,
    channel,
    brand,
    topic: "refund",
    level: 2,
    actingLevel: undefined,
    customerId: planned.facts[0]?.customerId ?? null,
    amount: operation === "refund" && refund.success ? refund.data.amount : null,
    order: planned.facts[0] ?? null,
    origin: { asked: true, unproven: [] },
    at,
    usage: {},
  });
  return { denied: verdict === "deny", approvers };
}
