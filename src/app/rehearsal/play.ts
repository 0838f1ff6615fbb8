/**
 * Plays a past ticket through the turn of this installation, up to the person's answer, and judges the draft beside it.
 * Nothing is sent, changed or stored as a conversation.
 */
import { inWords } from "#core/values/words.ts";
import { createAgent } from "#agent/loop.ts";
import type { DecidedAction, TurnInput, TurnResult } from "#core/contracts/agent.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import { unknownIdentity } from "#core/values/identity.ts";
import { type Message, plainMessage } from "#core/values/message.ts";
import { addedUp } from "#core/values/money.ts";
import type {
  PastTicket,
  RehearsedAction,
  RehearsedRoute,
  RehearsedTicket,
} from "#core/values/rehearsal.ts";
import { aboutAction, judge } from "#jobs/rehearsal/judge.ts";
import { shopAsOf } from "#jobs/rehearsal/past-tickets.ts";
import { actionsTaken } from "#jobs/rehearsal/taken-actions.ts";
import { turnWarnings } from "#jobs/approval/card-flags.ts";
import { verdictOn } from "#jobs/turn/compose-proposal.ts";
import { decidedBy, requesterBinding, ruledBy } from "#app/compose.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import { offeredTools } from "#app/offered-tools.ts";
import { imaginedTurn } from "./imagined-turns.ts";

/** What tickets are played with. */
export interface PlayParts {
  readonly app: ComposedApp;
  /** One for all tickets of a rehearsal. */
  readonly policy: ComposedApp["policy"];
}

/**
 * The turn is the real one: guard, delicate topics, the configured model or the rehearsal rules, read tools, the
 * policy's decisions, the output check. The clock shows the time of the question, and orders are as they were then where
 * the shop can tell. Throws what shop and model throw, so that such a ticket is played again later.
 */
export async function playTicket(parts: PlayParts, ticket: PastTicket, signal: AbortSignal) {
  const { app } = parts;
  const startedAt = performance.now();
  const turn = await ticketTurn(parts, ticket, signal);
  const ended = await turnEnding(turn, signal);
  const durationMs = Math.round(performance.now() - startedAt);
  const { customerId, level, reason } = turn.input.requester;
  const { answer } = ticket;
  const person = {
    text: answer.text,
    at: new Date(answer.at),
    asked: [ticket.subject, ...ticket.messages.filter(isAsked).map(({ text }) => text)].join("\n"),
    actions: await actionsTaken(ticket, {
      shop: app.shop,
      customerId,
      signal,
    }),
    outcome: ticket.outcome,
  };
  const text = ended.draft?.text ?? "";
  const draft = { text, at: turn.at, actions: ended.actions, outcome: ended.outcome };
  const comparison = judge(draft, person);
  const played: RehearsedTicket = {
    ...ended,
    ticket: { ...ticket, actions: person.actions === null ? null : [...person.actions] },
    language: turn.input.language,
    comparison,
    moneyAtRisk: addedUp(comparison.wrongActions.map(({ risk }) => risk)),
    durationMs,
    answeredAfterMs: answeredAfterMs(ticket, turn.at),
    accountData: askedSystems(app, ended) ? "today" : turn.view.answered(),
    identityLevel: level,
    identityReason: reason,
    playedAt: app.clock.now().toISOString(),
  };
  /** With the shop's customer it was bound to. */
  return { played, customerId };
}

/** Connected systems tell only what is so today. */
function askedSystems({ connected }: ComposedApp, { trace }: Pick<Ended, "trace">): boolean {
  return trace.spans.some(({ attributes }) =>
    connected.tools.some(({ name }) => attributes["gen_ai.tool.name"] === name),
  );
}

function isAsked({ by }: PastTicket["messages"][number]): boolean {
  return by === "customer";
}

function answeredAfterMs({ answer }: PastTicket, askedAt: Date): number | null {
  const ms = Date.parse(answer.at) - askedAt.getTime();
  return ms >= 0 ? ms : null;
}

type Turn = Awaited<ReturnType<typeof ticketTurn>>;

/** A ticket takes no longer than this, whatever model and shop do. */
const TICKET_MS_MAX = 300_000;

async function ticketTurn(parts: PlayParts, ticket: PastTicket, signal: AbortSignal) {
  const { app, policy } = parts;
  const { history, unread } = ticketMessages(ticket);
  const newest = unread.at(-1);
  if (newest === undefined) throw invalidInput("the customer wrote nothing");
  const at = new Date(newest.sentAt);
  const view = shopAsOf(app.shop, at, (orderId) => isNamed(orderId, ticket));
  const whole = AbortSignal.any([signal, AbortSignal.timeout(TICKET_MS_MAX)]);
  const bind = requesterBinding(app.connected);
  const turn = await imaginedTurn(
    { ...app, policy, bind: (identity, stopped) => bind(identity, view.shop, stopped) },
    { ...ticket, history, unread },
    whole,
  );
  const input: TurnInput = {
    ...turn,
    keepsSender: app.channels.get(ticket.channel)?.keepsSender ?? false,
    language: ticket.language ?? turn.language,
  };
  // `at` is the time of the question.
  return { parts, at, clock: clockFrom(at, app.clock), view, input };
}

function isNamed(orderId: string, { subject, messages }: PastTicket): boolean {
  return [subject, ...messages.map(({ text }) => text)].some((text) => text.includes(orderId));
}

/** Runs on from the time of the question, so that the limits of a turn hold. */
function clockFrom(at: Date, clock: Clock): Clock {
  const ahead = at.getTime() - clock.now().getTime();
  return { now: () => new Date(clock.now().getTime() + ahead) };
}

/** The customer's last messages in a row are what the turn answers. */
function ticketMessages(ticket: PastTicket) {
  const { messages } = ticket;
  const end = messages.findLastIndex(isAsked) + 1;
  const start = messages.slice(0, end).findLastIndex((message) => !isAsked(message)) + 1;
  const all = messages.slice(0, end).map((message, index) => ticketMessage(message, index, ticket));
  return { history: all.slice(0, start), unread: all.slice(start) };
}

function ticketMessage(
  { by, name, text, at }: PastTicket["messages"][number],
  index: number,
  { id, subject, customer, identity }: PastTicket,
): Message {
  const isCustomer = by === "customer";
  const who = isCustomer ? (customer ?? "customer") : "team";
  return plainMessage({
    key: `rehearsal:${id}:${index}`,
    author: { kind: isCustomer ? "requester" : "teammate", id: `email:${who}`, name: name || who },
    subject,
    text,
    sentAt: at,
    identity: isCustomer ? identity : unknownIdentity("the team wrote it"),
    answerTo: isCustomer ? { label: who, audience: "private", address: {} } : null,
  });
}

type Ended = Pick<
  RehearsedTicket,
  "topic" | "draft" | "outcome" | "route" | "routeReason" | "actions" | "costUsd" | "trace"
>;

async function turnEnding(turn: Turn, signal: AbortSignal): Promise<Ended> {
  const { parts, input } = turn;
  const people = forPeople(turn);
  if (people !== null)
    return {
      topic: people.topic,
      draft: null,
      outcome: "handed_over",
      route: "not_at_all",
      routeReason: people.reason,
      actions: [],
      costUsd: 0,
      trace: { id: input.turnId, spans: [] },
    };
  const result = await rehearsalAgent(turn).run(input);
  signal.throwIfAborted();
  const { ending } = result;
  if (ending.kind === "unavailable")
    throw new DeskhandError("channel.unavailable", `${ending.part}: ${ending.reason}`);
  const text = ending.kind === "escalate" ? (ending.answer ?? "") : ending.text;
  return {
    topic: result.topic,
    draft: text === "" ? null : { text, sources: draftSources(result) },
    outcome: OUTCOMES[ending.kind],
    ...rehearsedRoute(turn, result, parts.app.agent.verifies),
    actions: [...result.actions, ...result.denied].map(rehearsed),
    costUsd: result.costUsd,
    trace: { id: input.turnId, spans: [...result.spans] },
  };
}

const OUTCOMES = { reply: "answered", clarify: "asked", escalate: "handed_over" } as const;

/** What people answer without a draft: what the guard holds back, and delicate topics. */
function forPeople({ parts: { app }, input }: Turn) {
  if (input.guard.verdict === "block")
    return {
      topic: "blocked",
      reason: `the guard held it back: ${input.guard.reasons.join("; ")}`,
    };
  const delicate = app.guard.delicate(input.unread);
  if (delicate === null || (delicate.isWeak === true && !app.agent.isRehearsal)) return null;
  const topic = inWords(delicate.topic);
  return { topic: "delicate", reason: `delicate: ${topic} (“${delicate.words}”)` };
}

function rehearsalAgent({ parts: { app, policy }, clock, view }: Turn) {
  const identity = app.targets.get("identity");
  if (identity === undefined) throw new Error("a composed application has an identity target");
  const { knowledge, connected } = app;
  return createAgent({
    ...app.agentParts,
    clock,
    tools: offeredTools({ shop: view.shop, knowledge, policy, connected }, identity),
    ...ruledBy(policy),
    decide: decidedBy({ store: app.store, policy, clock }),
  });
}

function rehearsedRoute(
  { input, parts: { policy } }: Turn,
  result: TurnResult,
  verifies: boolean,
): { readonly route: RehearsedRoute; readonly routeReason: string } {
  const { ending } = result;
  if (ending.kind === "escalate")
    return { route: "not_at_all", routeReason: `people take over: ${ending.reason}` };
  const { verdict, rule } = verdictOn({
    conversation: input.conversation,
    result,
    policy,
    byCustomer: true,
    hasWaited: false,
    warnings: turnWarnings({
      unread: input.unread,
      guard: input.guard,
      result,
      draft: "text" in ending ? ending.text : "",
    }),
    alsoAnswers: [],
    verifies,
  });
  return { route: verdict === "allow" ? "alone" : "with_person", routeReason: rule.reason };
}

const SOURCES_MAX = 50;

function draftSources({ passages }: TurnResult): { title: string; url: string }[] {
  const pages = new Map(passages.map(({ title, url }) => [`${title} ${url}`, { title, url }]));
  return [...pages.values()].slice(0, SOURCES_MAX);
}

function rehearsed({ planned, decision }: DecidedAction): RehearsedAction {
  return {
    ...aboutAction(planned),
    label: planned.label,
    verdict: decision.verdict,
    rule: decision.rule,
    reason: decision.reason,
  };
}
