/** What must hold at every moment of every story, checked at each commit, after each step and at the end. */
import { canonical } from "#core/values/canonical-json.ts";
import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { Killed } from "#test/simulation/approvals/checkpoints.ts";
import type { Clicker } from "#test/simulation/approvals/people.ts";
import { isOperatorText, textOf } from "#test/simulation/approvals/replies.ts";
import type { Policy } from "#core/contracts/policy.ts";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import type { TestEnvironment } from "#test/simulation/approvals/environment.ts";
import type { Watcher } from "#test/simulation/approvals/watcher.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { effectByKey, type Effect } from "#store/effects/ledger.ts";
import { currentPause, holdOnEffect } from "#store/effects/pause.ts";
import { bySomePolicy } from "./by-policy.ts";
import { cardsHold, type CardsSeen } from "./cards-hold.ts";

import { endHolds, isBusy } from "./end-holds.ts";
import { ledgerHolds } from "./ledger-holds.ts";

import { votesBehind, type Attempt } from "./votes.ts";

/** Errors by which two workers, or a person and a worker, learn that the other one was faster. */
const EXPECTED = ["store.fenced", "approval.stale"];

/** What reaches the customer or moves something of theirs. */
const OUTWARD = ["reply", "refund", "cancel_order", "change_address", "reset_password"];

/** Follows a story and writes down, in words, each promise that was broken. */
export class Watch implements Watcher {
  readonly broken: string[] = [];
  readonly environment: TestEnvironment;
  /** Keys of the messages whose delivery was taken in. */
  readonly messages: string[] = [];
  readonly attempts: Attempt[] = [];
  readonly cards: CardsSeen = { contents: new Map(), states: new Map() };
  /** What teammates wrote to customers themselves, which is passed on as it is. */
  readonly teammates = new Set<string>();
  private steps = 0;

  constructor(environment: TestEnvironment) {
    this.environment = environment;
  }

  written(key: string): void {
    this.messages.push(key);
  }

  teammateSaid(text: string): void {
    this.teammates.add(text);
  }

  /** A button was pressed; whether that decides anything is Deskhand's to say. */
  async pressed(clicker: Clicker, decided: DeskDecision): Promise<void> {
    const row = await this.environment.store.run((transaction) =>
      loadApproval(transaction, decided.approvalId),
    );
    this.attempts.push({ human: clicker.human, role: clicker.role, decided });
    if (row !== null) this.broken.push(...cardsHold(this.cards, [row]));
  }

  /** What a desk was told after a click: only the team decides. */
  answered(clicker: Clicker, _decided: DeskDecision, accepted: boolean): void {
    if (accepted && clicker.role === null)
      this.broken.push(`a click of ${clicker.human}, who has no role, was accepted`);
  }

  failed(error: unknown): void {
    if (error instanceof Killed) return;
    if (error instanceof DeskhandError && (error.retry || EXPECTED.includes(error.code))) return;
    this.broken.push(`an unexpected error: ${reasonOf(error)}`);
  }

  /** Called when a commit is about to be made, with nothing in between. */
  async commit({ key, racing }: { readonly key: string; readonly racing: boolean }): Promise<void> {
    const policy = await this.environment.inForce();
    const found = await this.environment.store.run(async (transaction) => {
      const effect = await effectByKey(transaction, key);
      if (effect === null) return [`${key} is done without a row in the ledger`];
      const problems = await this.problemsOf(transaction, effect, { racing, policy });
      return problems.map((problem) => `${effect.operation} ${key}: ${problem}`);
    });
    this.broken.push(...found);
  }

  private async problemsOf(
    transaction: Transaction,
    effect: Effect,
    { racing, policy }: { readonly racing: boolean; readonly policy: Policy },
  ): Promise<readonly string[]> {
    const problems: string[] = [];
    const state = await loadConversation(transaction, effect.conversationId);
    if (state === null) return ["its conversation is gone"];
    if (effect.state !== "executing") problems.push(`it is ${effect.state} when it is done`);
    const pause = await currentPause(transaction);
    const hold = await holdOnEffect(transaction, pause, state.conversation.channel, effect);
    const outward = effect.target !== "desk" && effect.operation !== "note";
    if (outward && hold !== null && !racing) problems.push("it starts during a pause");
    if (!OUTWARD.includes(effect.operation)) return problems;
    const text = textOf(effect);
    const isRelay = effect.approvedBy === "teammate" && this.teammates.has(text);
    if (isRelay || isOperatorText(text, policy)) return problems;
    if (!racing && !this.factsHold(effect)) problems.push("the order is not what was decided on");
    if (state.owner === "human" && !racing) problems.push("people own the conversation");
    switch (effect.approvedBy) {
      case "teammate":
        return [...problems, "no teammate wrote this"];
      case "policy":
        return [...problems, ...(await bySomePolicy(transaction, this, effect))];
      case "person":
        return [...problems, ...(await votesBehind(transaction, this, effect))];
      default:
        throw new Error(`unknown approval ${String(effect.approvedBy satisfies never)}`);
    }
  }

  /** The order as the shop has it now, with nothing between this look and the commit. */
  private factsHold({ facts }: Effect): boolean {
    return facts.every(
      (one) =>
        canonical(one) === canonical(sealedOrderFacts(this.environment.shop.order(one.orderId))),
    );
  }

  async afterStep(): Promise<void> {
    this.steps += 1;
    for (const line of this.environment.log.errors.splice(0))
      if (!line.includes("killed at")) this.broken.push(`logged as an error: ${line}`);
    this.broken.push(...(await ledgerHolds(this, this.steps % 6 === 0)));
  }

  /** After everything had the time to end. */
  async atTheEnd(): Promise<void> {
    this.broken.push(...(await ledgerHolds(this, true)), ...(await endHolds(this)));
  }

  isBusy(): Promise<boolean> {
    return isBusy(this.environment);
  }
}
