/** Builds a case's messages as an adapter would. */
import type { IdentityEvidence } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import { CUSTOMERS } from "#sandbox/world.ts";
import type { EvalCase, InputMessage } from "#evals/case.ts";

/** A writer who can prove an address the shop has never seen. */
const UNKNOWN = { id: null, name: "Someone", email: "someone@nowhere.test" };

/** The message as an adapter would have parsed it, with the evidence this channel would have. */
export function messageOf(
  evalCase: EvalCase,
  written: InputMessage,
  place: { readonly key: string; readonly at: Date },
): Message {
  const { channel, audience } = evalCase;
  const writer = CUSTOMERS.find(({ id }) => id === evalCase.identity.customer) ?? UNKNOWN;
  const identity = evidenceOf(evalCase, writer.email);
  const segments = (["hidden", "quoted", "attachment"] as const).flatMap((kind) =>
    written[kind] === undefined ? [] : [{ kind, text: written[kind] }],
  );
  return {
    key: place.key,
    author: {
      kind: "requester",
      id: `${channel}:${writer.email}`,
      name: written.sender_name ?? writer.name,
    },
    visibility: "public",
    subject: written.subject ?? "",
    text: written.text,
    segments,
    attachments: [],
    sentAt: place.at.toISOString(),
    identity,
    answerTo: { label: writer.email, audience, address: {} },
    answerPrivatelyTo:
      audience === "shared" && identity.level >= 2
        ? { label: `direct message to ${writer.name}`, audience: "private", address: {} }
        : null,
    ignore: null,
  };
}

function evidenceOf({ channel, identity }: EvalCase, email: string): IdentityEvidence {
  const { level, customer } = identity;
  if (level === 0)
    return { level, method: "none", reason: "nothing was proven", handle: { kind: "none" } };
  const byToken = channel === "chat" && customer !== null && level >= 2;
  return {
    level,
    method: level === 1 ? "claimed" : "case",
    reason: level === 1 ? "the address is only claimed" : "proven by the channel",
    handle: byToken ? { kind: "customer", customerId: customer } : { kind: "email", email },
  };
}
