/** Tells the operator's own sentences apart from other text a customer reads. */
import { ReplyArguments, type Action } from "#core/values/action.ts";
import type { Policy } from "#core/contracts/policy.ts";

/** The text of a reply; empty for everything else. */
export function textOf({ action }: { readonly action: Action }): string {
  const reply = ReplyArguments.safeParse(action.arguments);
  return reply.success && action.operation === "reply" ? reply.data.text : "";
}

/** True for one of the operator's own sentences, which are in the policy and go out without approval. */
export function isOperatorText(text: string, policy: Policy): boolean {
  const { handover, unavailable, answeredPrivately } = policy.texts;
  const { holding } = policy.textsIn(null, { channel: "email", brand: "" });
  return [handover, unavailable, answeredPrivately, holding].some((words) => text.includes(words));
}
