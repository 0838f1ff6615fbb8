/**
 * Turns that came through no channel and change nothing: what each is given, the tests of a procedure, and the call
 * of one tool with a stand-in for the model that makes it and then stops.
 */
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import type { PastTicket } from "#core/values/rehearsal.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { inspectKnowing } from "#jobs/conversation/turn-context.ts";
import { createAgent } from "#agent/loop.ts";
import type { AgentParts } from "#agent/turn-state.ts";
import type { FollowedProcedure } from "#core/contracts/knowledge.ts";
import {
  type IdentityEvidence,
  type BoundRequester,
  PROVEN_LEVEL,
  provenIdentity,
  unknownIdentity,
} from "#core/values/identity.ts";
import { plainMessage } from "#core/values/message.ts";
import { type ProcedureCase, missedIn, type PlayedCase } from "#procedures/cases.ts";
import type { Procedure } from "#procedures/format.ts";
import type { AskedTry, ProposedTry, TriedTool } from "#cli/command-parts.ts";
import type { Model, ModelRequest } from "#core/contracts/model.ts";
import { invalidInput } from "#core/values/errors.ts";
import { shownRequest } from "#systems/target.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import type { SystemSettings } from "#systems/http/authentication.ts";

/** What such a turn is made with. */
export type ImaginingParts = Pick<JobContext, "bind" | "guard" | "policy" | "ids">;

/** What was written, where, and by whom. */
type Imagined = Pick<PastTicket, "channel" | "brand" | "subject" | "id" | "identity"> &
  Pick<TurnInput, "history" | "unread">;

/** The turn as it would be read from a channel. Nothing is stored under its ids. */
export async function imaginedTurn(
  { bind, guard, policy, ids }: ImaginingParts,
  { channel, brand, subject, id, history, unread, identity }: Imagined,
  signal: AbortSignal,
): Promise<TurnInput> {
  return {
    turnId: ids.next("t"),
    conversation: { id: ids.next("r"), channel, externalId: id, subject, brand },
    history,
    unread,
    requester: await bind(identity, signal),
    audience: "private",
    guard: inspectKnowing(guard, unread, []),
    mayAsk: true,
    keepsSender: false,
    voice: policy.voiceOf(channel, brand),
    language: guard.languageOf(unread),
    signal,
  };
}

/** What tests are played with: the agent's own parts, with the model, tools, policy and guards of every turn. */
export interface PlayParts {
  readonly agentParts: AgentParts;
  readonly jobs: ImaginingParts & Pick<JobContext, "clock">;
}

/**
 * Plays every test of a text that need not be published, one after the other. The turn is the real one: the configured
 * model or the rehearsal rules, read tools on the connected shop, the policy's decisions. Actions are only proposed.
 */
export async function playCases(
  parts: PlayParts,
  procedure: Procedure,
): Promise<readonly PlayedCase[]> {
  const shown: FollowedProcedure = { ...procedure, version: 0 };
  const agent = createAgent({
    ...parts.agentParts,
    procedures: { held: async () => [shown] },
  });
  const played: PlayedCase[] = [];
  for (const one of procedure.cases) {
    const result = await agent.run(await caseTurn(parts, procedure, one));
    played.push({ name: one.name, missed: missedIn(one, result) });
  }
  return played;
}

const CASE_MS_MAX = 300_000;

function caseTurn({ jobs }: PlayParts, procedure: Procedure, one: ProcedureCase) {
  const identity = caseEvidence(one);
  const unread = one.says.map((text, index) =>
    plainMessage({
      key: `test:${index}`,
      author: { kind: "requester", id: `email:${one.from}`, name: one.from },
      text,
      sentAt: jobs.clock.now().toISOString(),
      identity,
      answerTo: { label: one.from, audience: "private", address: {} },
    }),
  );
  return imaginedTurn(
    jobs,
    {
      channel: procedure.channels?.[0] ?? "email",
      brand: procedure.brands?.[0] ?? "",
      subject: "",
      id: "test",
      history: [],
      unread,
      identity,
    },
    AbortSignal.timeout(CASE_MS_MAX),
  );
}

/** A test says who writes, and counts as proven; the shop still decides whether it knows the address. */
function caseEvidence({ from }: ProcedureCase): IdentityEvidence {
  return from === ""
    ? unknownIdentity("the test names no customer")
    : provenIdentity("dkim", "the test says who writes", from);
}

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
