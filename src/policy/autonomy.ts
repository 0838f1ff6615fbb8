/** Decides how freely replies go out, by channel and topic. */
import type { Autonomy, Decision, PolicyQuestion } from "#core/contracts/policy.ts";
import { ONE_PERSON } from "./rules.ts";
import type { PolicyDocument } from "./schema.ts";

/** How freely replies go out on a channel: a topic's own setting where it has one, else the channel's. */
export function autonomyOf(
  { topics, default: otherwise }: PolicyDocument["autonomy"]["email"],
  topic: string,
): Autonomy {
  return Object.hasOwn(topics, topic) ? (topics[topic] ?? otherwise) : otherwise;
}

/**
 * A reply has no amount tiers: the channel's autonomy decides whether it is sent, needs approval, or stays internal.
 */
export function replyBy(
  document: Pick<PolicyDocument, "autonomy">,
  { channel, topic }: Pick<PolicyQuestion, "channel" | "topic">,
): Decision {
  const autonomy = autonomyOf(document.autonomy[channel], topic);
  const base = { rule: "reply.autonomy", reservations: [] };
  switch (autonomy) {
    case "auto":
      return {
        ...base,
        verdict: "allow",
        reason: `Replies on ${channel} go out when the output check passes.`,
        approvers: { count: 0, leads: 0 },
      };
    case "draft":
      return {
        ...base,
        verdict: "ask",
        reason: `Replies on ${channel} are read by a person first.`,
        approvers: ONE_PERSON,
      };
    case "shadow":
      return {
        ...base,
        verdict: "deny",
        reason: `On ${channel} drafts are only shown to the team; nothing is sent.`,
        approvers: { count: 0, leads: 0 },
      };
    default:
      throw new Error(`unknown autonomy ${String(autonomy satisfies never)}`);
  }
}
