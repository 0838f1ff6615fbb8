/** A policy object that always answers with the policy in force, also after the file changes. */
import type { Policy } from "#core/contracts/policy.ts";
import type { LoadedPolicy } from "./load-policy.ts";

/** A policy that always answers as the one in force does. Its users need no notification of a change. */
export interface LivePolicy extends LoadedPolicy {
  /** From this call on, the next policy answers. */
  replace(next: LoadedPolicy): void;
}

/**
 * Stands in for the policy in force, member by member. `reading` is applied to every policy before it answers, so that
 * this installation's own precautions outlive a change of the file.
 */
export function livePolicy(
  first: LoadedPolicy,
  reading: (policy: LoadedPolicy) => LoadedPolicy = (policy) => policy,
): LivePolicy {
  const standing = { now: reading(first) };
  return {
    replace: (next) => void (standing.now = reading(next)),
    get version() {
      return standing.now.version;
    },
    get operations() {
      return standing.now.operations;
    },
    get topics() {
      return standing.now.topics;
    },
    limitsNeeded: (operation, customerId, at) =>
      standing.now.limitsNeeded(operation, customerId, at),
    decide: (question) => standing.now.decide(question),
    replyAutonomy: (channel, topic) => standing.now.replyAutonomy(channel, topic),
    roleOf: (teammate) => standing.now.roleOf(teammate),
    get groups() {
      return standing.now.groups;
    },
    approvalLimit: (role, operation) => standing.now.approvalLimit(role, operation),
    expiresAt: (from) => standing.now.expiresAt(from),
    remindAt: (from) => standing.now.remindAt(from),
    handoverRemindAt: (from) => standing.now.handoverRemindAt(from),
    onDuty: (at) => standing.now.onDuty(at),
    get fallbackLead() {
      return standing.now.fallbackLead;
    },
    claimUntil: (teammate, at) => standing.now.claimUntil(teammate, at),
    shortOfPeople: (needs, at) => standing.now.shortOfPeople(needs, at),
    get teamLanguages() {
      return standing.now.teamLanguages;
    },
    deskChannelOf: (topic) => standing.now.deskChannelOf(topic),
    get digest() {
      return standing.now.digest;
    },
    closedText: (at) => standing.now.closedText(at),
    voiceOf: (channel, brand) => standing.now.voiceOf(channel, brand),
    get undoMs() {
      return standing.now.undoMs;
    },
    sign: (text, options) => standing.now.sign(text, options),
    get linkHosts() {
      return standing.now.linkHosts;
    },
    get texts() {
      return standing.now.texts;
    },
    get delicate() {
      return standing.now.delicate;
    },
    caps: liveCaps(() => standing.now.caps),
    quietMs: (channel) => standing.now.quietMs(channel),
    writesMax: (channel) => standing.now.writesMax(channel),
    get escalationGroups() {
      return standing.now.escalationGroups;
    },
    get delicateWatch() {
      return standing.now.delicateWatch;
    },
    get chatMessagesPerMinute() {
      return standing.now.chatMessagesPerMinute;
    },
  };
}

/** The agent gets the caps once, so they follow the policy as well. */
function liveCaps(now: () => Policy["caps"]): Policy["caps"] {
  return {
    get turn() {
      return now().turn;
    },
    get conversation() {
      return now().conversation;
    },
    get day() {
      return now().day;
    },
    get confidenceMin() {
      return now().confidenceMin;
    },
    get shopRetryMs() {
      return now().shopRetryMs;
    },
  };
}

/** A value built from the policy's text once and rebuilt when the policy changes: lists become one matcher. */
export function following<Made>(policy: Pick<Policy, "version">, make: () => Made): () => Made {
  const last: { version: string; made: Made } = { version: policy.version, made: make() };
  return () => {
    if (last.version !== policy.version) {
      last.made = make();
      last.version = policy.version;
    }
    return last.made;
  };
}
