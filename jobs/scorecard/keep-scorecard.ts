/** Keeps the scorecard: judges what is due, then puts the change before the leads that the figures speak for. */
import { z } from "zod";
import { withAutonomy } from "#policy/set-autonomy.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  pastProposals,
  recordProposal,
  type PastProposal,
} from "#store/policy/autonomy-proposals.ts";
import { changeInForce } from "#store/console/policy-history.ts";
import { lockPolicy, proposedPolicy, type PolicyChange } from "#store/policy/policy-changes.ts";
import { close, proposeOwn } from "#jobs/policy/change.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { writeSetting } from "#store/db/settings.ts";
import type { DueSteps } from "#store/schedule/due-steps.ts";
import { type Advice, adviceOn, readScorecard, type TopicScore } from "./scorecard.ts";
import { judgeShownDrafts } from "./shown-drafts.ts";

/** The setting that says when the scorecard was read last. */
export const SCORECARD_READ_SETTING = "scorecard.read";

/** Decided cards and answers that went out announce nothing here, so they are looked at this often. */
const READ_EVERY_MS = 60 * 60_000;

const At = z.iso.datetime();

/** Whether a draft is due, or the figures were last read an hour ago. */
export function isScorecardDue(
  { draftsToJudge, settings }: Pick<DueSteps, "draftsToJudge" | "settings">,
  now: Date,
): boolean {
  const before = At.nullish().parse(settings[SCORECARD_READ_SETTING]) ?? null;
  return draftsToJudge || before === null || now.getTime() - Date.parse(before) >= READ_EVERY_MS;
}

/** One round. What fails now, such as a shop that is away, is done at a later one. */
export async function keepScorecard(context: JobContext): Promise<void> {
  await judgeShownDrafts(context);
  const change = await proposeAutonomy(context);
  if (change !== null) context.log.info("a change of autonomy is proposed", { change: change.id });
  const now = context.clock.now().toISOString();
  await context.store.run((transaction) => writeSetting(transaction, SCORECARD_READ_SETTING, now));
}

/** So many drafts have to be judged after a rejection before the same is proposed again. */
const NEW_JUDGED_MIN = 10;

type Proposing = Pick<JobContext, "store" | "clock" | "ids" | "policy" | "log">;

/** What is proposed about a topic, with the drafts it rests on. */
interface Proposed {
  readonly advice: Advice;
  readonly score: TopicScore;
}

/**
 * Proposes at most one change: a demotion before any promotion, and a promotion only while no other change of the
 * policy waits. Returns the change that waits from now on, or null.
 */
export async function proposeAutonomy(context: Proposing): Promise<PolicyChange | null> {
  const now = context.clock.now();
  return context.store.run(async (transaction) => {
    await lockPolicy(transaction);
    const active = await changeInForce(transaction, context.policy.version);
    if (active === null) return null;
    const past = await pastProposals(transaction);
    const wanted = (await readScorecard(context.policy, transaction, now))
      .flatMap((score) => {
        const advice = adviceOn(score);
        return advice === null ? [] : [{ advice, score }];
      })
      .toSorted((one, other) => one.advice.kind.localeCompare(other.advice.kind));
    for (const proposed of wanted) {
      if (!(await isNews(transaction, proposed, { past, policy: context.policy, now }))) continue;
      if (!(await makeRoom(context, transaction, active, { proposed, past }))) return null;
      const change = await proposeOne(context, transaction, active, proposed);
      if (change !== null) return change;
    }
    return null;
  });
}

/** The first time, or after a rejection with enough drafts judged since; never while it waits. */
async function isNews(
  transaction: Transaction,
  { advice, score }: Proposed,
  {
    past,
    policy,
    now,
  }: {
    readonly past: readonly PastProposal[];
    readonly policy: JobContext["policy"];
    readonly now: Date;
  },
): Promise<boolean> {
  const last = past.find(
    ({ channel, topic, goesTo }) =>
      channel === advice.channel && topic === advice.topic && goesTo === advice.to,
  );
  if (last === undefined) return true;
  if (last.state === "proposed") return false;
  if (last.state !== "rejected" && last.state !== "expired") return true;
  const since = await readScorecard(policy, transaction, now, last.proposedAt);
  const news = since.find(
    ({ channel, topic }) => channel === score.channel && topic === score.topic,
  );
  return (news?.judged ?? 0) >= NEW_JUDGED_MIN;
}

/** Only one change of the policy waits at a time; a promotion of ours makes room for a demotion. */
async function makeRoom(
  context: Proposing,
  transaction: Transaction,
  { source }: PolicyChange,
  { proposed, past }: { readonly proposed: Proposed; readonly past: readonly PastProposal[] },
): Promise<boolean> {
  const waiting = await proposedPolicy(transaction, source);
  if (waiting === null) return true;
  const promotes = past.some(({ changeId, kind }) => changeId === waiting.id && kind === "promote");
  if (proposed.advice.kind !== "demote" || !promotes) return false;
  await close(context, transaction, waiting, "Closed: a demotion goes first.");
  return true;
}

async function proposeOne(
  context: Proposing,
  transaction: Transaction,
  active: PolicyChange,
  { advice, score }: Proposed,
): Promise<PolicyChange | null> {
  const { channel, topic, from, to, kind } = advice;
  const edited = withAutonomy(active.text, { channel, topic, autonomy: to });
  if (edited === null) {
    context.log.warn("a topic's autonomy cannot be written into the policy file by itself", {
      channel,
      topic,
      autonomy: to,
    });
    return null;
  }
  const what = `${kind === "promote" ? "Promote" : "Demote"} ${topic} on ${channel} from ${from} to ${to}`;
  const change = await proposeOwn(context, transaction, active, {
    text: edited.text,
    lines: edited.lines,
    why: `${what}: ${advice.why}`,
  });
  await recordProposal(transaction, {
    changeId: change.id,
    kind,
    channel,
    topic,
    cameFrom: from,
    goesTo: to,
    judged: score.judged,
    proposedAt: change.proposedAt,
  });
  return change;
}
