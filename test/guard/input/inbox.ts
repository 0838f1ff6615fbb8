/** Messages for the tests of the input guard. */
import type { Message } from "#core/values/message.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";

export const guard = createInputGuard({
  toolNames: ["issue_refund", "get_customer", "reply"],
  delicateWords: { legal: ["barrister"] },
  vip: ["boss@big.test", "@gold.test", "u999"],
});

/** A verified mail with this text. */
export function mail(text: string, changes: Partial<Message> = {}): Message {
  return {
    key: "m1",
    author: { kind: "requester", id: "email:ann@customer.test", name: "Ann Fields" },
    visibility: "public",
    subject: "",
    text,
    segments: [],
    attachments: [],
    sentAt: "2026-11-20T12:00:00.000Z",
    identity: {
      level: 2,
      method: "dkim",
      reason: "DKIM",
      handle: { kind: "email", email: "ann@customer.test" },
    },
    answerTo: null,
    answerPrivatelyTo: null,
    ignore: null,
    ...changes,
  };
}

export function verdictOn(text: string): string {
  return guard.inspect([mail(text)]).verdict;
}
