/** One running Deskhand process in an environment. */
import { noSpans } from "#telemetry/spans.ts";
import { localNotices } from "#jobs/queue/change-notices.ts";
import type { Action } from "#core/values/action.ts";
import type { Channel } from "#core/contracts/channel.ts";
import type { ChannelName, TargetName } from "#core/values/vocabulary.ts";
import type { Target } from "#core/contracts/tool.ts";
import { bindRequester } from "#guard/identity/bind-requester.ts";
import { oneTimeCodes } from "#jobs/identity/one-time-codes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { checkPolicyFile } from "#jobs/policy/change.ts";
import { policyWatch, type PolicyWatch } from "#jobs/policy/watch-file.ts";
import { currentPolicy, type CurrentPolicy } from "#policy/load-policy.ts";
import { expireLeases } from "#test/jobs/worker/lost-work.ts";
import { personPseudonym } from "#store/people/person-names.ts";
import { NO_CHECKPOINT, type Checkpoint } from "./checkpoints.ts";
import { obeyingAgent } from "./obeying-agent.ts";
import { policyIn } from "./policies.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { allowingGuard, allowingOutput } from "./deterministic-ports.ts";
import { POLICY_SOURCE, type TestEnvironment } from "./environment.ts";

/** Called right before every commit. */
export type BeforeCommit = (about: {
  readonly key: string;
  readonly action: Action;
}) => Promise<void>;

/** One running Deskhand: the real jobs, with everything a process keeps in memory. */
export interface Process {
  readonly parts: JobContext & { readonly policy: CurrentPolicy };
  readonly watch: PolicyWatch;
  /** From this call on, the process passes this checkpoint. */
  enter(checkpoint: Checkpoint): void;
}

/** Starts a process as the product does, once leases under its name have expired: it takes up the policy in force. */
export async function startProcess(
  environment: TestEnvironment,
  worker: string,
  before: BeforeCommit,
): Promise<Process> {
  const { store, clock, ids, log, fakeQueue, shop, desk, channels } = environment;
  await store.run((transaction) => expireLeases(transaction, worker));
  const { inForce } = await checkPolicyFile(
    { store, clock, ids },
    POLICY_SOURCE,
    environment.file.text,
    "start",
  );
  const policy = currentPolicy(policyIn(inForce.text));
  const current = { checkpoint: NO_CHECKPOINT };
  const passing: JobContext["store"] = {
    kind: store.kind,
    async run(work, ...given) {
      await current.checkpoint.pass("transaction");
      return store.run(work, ...given);
    },
    close: () => store.close(),
  };
  const connected = Object.values(channels).map(({ channel }) => channel);
  const targets: readonly Target[] = [...connected, shop.target, desk.desk];
  const parts: Process["parts"] = {
    store: passing,
    blobs: memoryBlobs((kept) => `blob-${kept}`),
    clock,
    ids,
    log,
    channels: new Map<ChannelName, Channel>(connected.map((channel) => [channel.name, channel])),
    desk: desk.desk,
    shop: shop.reads,
    targets: new Map<TargetName, Target>(
      targets.map((target) => [target.name, behindDoor(target, current, before)]),
    ),
    agent: obeyingAgent({
      store: passing,
      shop: shop.reads,
      clock,
      policy,
      decided: (action) => void environment.decided.push(action),
    }),
    secondOpinion: null,
    guard: allowingGuard,
    output: allowingOutput,
    vectors: async (texts) => texts.map(() => null),
    policy,
    codes: oneTimeCodes("a secret of the stand"),
    bind: (evidence, signal) => bindRequester(evidence, shop.reads, signal),
    wake: (conversationId, delayMs = 0) => fakeQueue.queue.wake(conversationId, delayMs),
    urgentMail: null,
    cardLink: (approvalId) => `http://127.0.0.1/console#${approvalId}`,
    ticketLink: (ticket) => `http://zendesk.test/agent/tickets/${ticket}`,
    worker,
    leaseMs: 60_000,
    deskWaitMs: 60_000,
    spans: noSpans,
    pseudonym: (transaction, person) => personPseudonym(transaction, person, "stand"),
    changes: localNotices(),
    beside: () => undefined,
    crashPoint: (name) => current.checkpoint.crashPoint(name),
  };
  const watch = policyWatch({
    context: parts,
    file: {
      source: POLICY_SOURCE,
      stamp: () => environment.file.text,
      read: () => environment.file.text,
    },
    requireRules: () => undefined,
    say: () => undefined,
    inForce,
  });
  return { parts, watch, enter: (checkpoint) => void (current.checkpoint = checkpoint) };
}

/**
 * There is no checkpoint between the database commit that begins an effect and its call, so the call meets exactly what
 * was checked; there is one right after the call, because much can happen before its answer arrives.
 */
function behindDoor(
  target: Target,
  current: { readonly checkpoint: Checkpoint },
  before: BeforeCommit,
): Target {
  return {
    ...target,
    async commit(action, key, signal) {
      await before({ key, action });
      try {
        return await target.commit(action, key, signal);
      } finally {
        await current.checkpoint.pass(`${target.name} answered`);
      }
    },
    async find(action, key, signal) {
      await current.checkpoint.pass(`${target.name} is asked`);
      return target.find(action, key, signal);
    },
  };
}
