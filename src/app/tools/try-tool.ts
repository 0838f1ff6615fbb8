/** Calls one tool the way a turn does, with a stand-in for the model that makes this one call and then stops. */
import { createAgent } from "#agent/loop.ts";
import type { AskedTry, ProposedTry, TriedTool } from "#cli/command-parts.ts";
import type { Model, ModelRequest } from "#core/contracts/model.ts";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { invalidInput } from "#core/values/errors.ts";
import { type BoundRequester, type IdentityEvidence, PROVEN_LEVEL } from "#core/values/identity.ts";
import { plainMessage } from "#core/values/message.ts";
import { shownRequest } from "#systems/show-request.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import { imaginedTurn } from "#app/rehearsal/imagined-turn.ts";
import type { SystemSettings } from "#systems/http/authentication.ts";

const TRY_MS_MAX = 60_000;
const CALL_ID = "call-1";

type Parts = Pick<
  ComposedApp,
  "agentParts" | "bind" | "guard" | "ids" | "policy" | "clock" | "connected"
> & {
  readonly settings: SystemSettings;
};

/**
 * Runs a turn of this one call through guard, identity, policy and output of the tool. A write tool only proposes there,
 * as in every turn, and what it proposes is dropped with the turn.
 */
export async function tryTool(parts: Parts, asked: AskedTry): Promise<TriedTool> {
  const { agentParts } = parts;
  const tool = agentParts.tools.find(({ name }) => name === asked.name);
  if (tool === undefined)
    throw invalidInput(
      `There is no tool ${asked.name}. Nothing was called. The page of the policy in the console names all of them.`,
    );
  if (tool.kind === "ending")
    throw invalidInput(
      `${asked.name} ends a turn and looks nothing up. Nothing was called. Name a tool that reads or writes.`,
    );
  const signal = AbortSignal.timeout(TRY_MS_MAX);
  const input = await turnInput(parts, asked, signal);
  const model = oneCall(asked);
  const decided: ProposedTry[] = [];
  const agent = createAgent({
    ...agentParts,
    // The team's procedures have no part in one call.
    procedures: { held: async () => [] },
    model,
    verifier: null,
    // A turn that ends without a reply drops its proposals, so they are noted where the policy is asked.
    async decide(question) {
      const decision = await agentParts.decide(question);
      const { label, key } = question.planned;
      const { declarations } = parts.connected;
      const request = shownRequest(declarations, parts.settings, question.planned);
      decided.push({ label, key, decision, request });
      return decision;
    },
  });
  const result = await agent.run(input);
  const seen = model.seen();
  if (seen === null)
    throw new Error(`The call failed. Nothing was changed. ${reasonOfEnd(result)}`);
  return { bound: boundLine(input.requester), seen, proposed: decided.at(0) ?? null };
}

/** A model that makes the one call, notes what it is answered, and hands the conversation over. */
function oneCall({ name, input }: AskedTry): Model & { seen(): string | null } {
  const answers: string[] = [];
  const usage = { text: "", inputTokens: 0, outputTokens: 0 };
  const isFirst = ({ messages }: ModelRequest): boolean =>
    !messages.some(({ role }) => role === "tool");
  return {
    name: "one call that was typed",
    isRehearsal: true,
    seen: () => answers.at(0) ?? null,
    async complete(request) {
      if (isFirst(request))
        return { ...usage, toolCalls: [{ id: CALL_ID, name, arguments: input }] };
      for (const message of request.messages)
        if (message.role === "tool" && message.toolCallId === CALL_ID)
          answers.push(message.content);
      const end = { reason: "tried", summary: "tried", answer: "", unanswered: [], topic: null };
      return {
        ...usage,
        toolCalls: [{ id: "call-2", name: "escalate", arguments: JSON.stringify(end) }],
      };
    },
  };
}

function customerEvidence(customer: string): IdentityEvidence {
  return {
    level: PROVEN_LEVEL,
    method: "command-line",
    reason: `${customer} was named on the command line`,
    handle: customer.includes("@")
      ? { kind: "email", email: customer }
      : { kind: "customer", customerId: customer },
  };
}

function boundLine({ customerId, emailOnFile, reason }: BoundRequester): string {
  return customerId === null && emailOnFile === null
    ? `Bound to no customer: ${reason}. So nothing of an account can be shown.`
    : `Bound to ${[customerId, emailOnFile].filter((known) => known !== null).join(", ")}.`;
}

async function turnInput(
  parts: Parts,
  { customer, saying }: AskedTry,
  signal: AbortSignal,
): Promise<TurnInput> {
  const identity = customerEvidence(customer);
  const message = plainMessage({
    key: "try:1",
    author: { kind: "requester", id: `try:${customer}`, name: customer },
    text: saying,
    sentAt: parts.clock.now().toISOString(),
    identity,
    answerTo: { label: customer, audience: "private", address: {} },
  });
  const written = { channel: "chat", brand: "", subject: "", id: "try", history: [] } as const;
  const turn = await imaginedTurn(parts, { ...written, unread: [message], identity }, signal);
  return { ...turn, keepsSender: true, language: null };
}

function reasonOfEnd({ ending }: TurnResult): string {
  return "reason" in ending ? ending.reason : "";
}
