/** Rehearses one half of the tickets and simulates the other live, in one Deskhand with the sample shop. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { playTicket } from "#app/rehearsal/play.ts";
import type { PastTicket, RehearsedRoute } from "#core/values/rehearsal.ts";
import { aboutAction, judge, type DraftsSide } from "#jobs/rehearsal/judge.ts";
import { CUSTOMERS } from "#sandbox/world.ts";
import { BARE_CASE, type EvalCase } from "#evals/case.ts";
import type { Observed } from "#evals/harness/observation.ts";
import { play } from "#evals/harness/play.ts";
import { openOnStage, type Stage, type Wired } from "#evals/harness/product.ts";
import type { PlayedTicket } from "./shares.ts";

const SANDBOX = new URL("../../src/policy/files/sandbox.yaml", import.meta.url);

/** One ticket may take so long. */
const TICKET_MS = 60_000;

/** Plays tickets in both ways. */
export interface ForecastWorld {
  /** The time at which every ticket is written. */
  now(): Date;
  /** As `deskhand rehearse` plays a past ticket: nothing is sent. */
  rehearse(ticket: PastTicket): Promise<PlayedTicket>;
  /** As a customer's mail comes in: intake, turn, and everything the policy lets go out. */
  simulate(ticket: PastTicket): Promise<PlayedTicket>;
  close(): Promise<void>;
}

/** The rehearsal rules answer, no AI; by mail answers go out alone where the policy and the checks let them. */
export function openForecastWorld(): Promise<ForecastWorld> {
  const wired: { app?: Wired } = {};
  return openOnStage(
    "forecast",
    {},
    (folder) => ({
      settings: { EMBEDDINGS: "off", DESKHAND_POLICY: policyIn(folder) },
      exchange: (app) => {
        wired.app = app;
        return app;
      },
    }),
    async (stage, close) => {
      const { app } = wired;
      if (app === undefined) throw new Error("the stage was built without an application");
      await stage.reset({});
      return {
        now: () => stage.clock.now(),
        rehearse: async (ticket) => {
          const signal = AbortSignal.timeout(TICKET_MS);
          return (await playTicket({ app, policy: app.policy }, ticket, signal)).played;
        },
        simulate: (ticket) => simulated(stage, ticket),
        close,
      };
    },
  );
}

/** The sandbox's policy, with mail answered alone where that may be. */
function policyIn(folder: string): string {
  const path = join(folder, "forecast.policy.yaml");
  const text = readFileSync(SANDBOX, "utf8").replace(
    "  email: { default: draft }",
    "  email: { default: auto }",
  );
  if (!text.includes("  email: { default: auto }"))
    throw new Error("the sandbox's policy does not draft mail");
  writeFileSync(path, text);
  return path;
}

/** Every ticket meets a shop in which nothing was done yet, as it does in the rehearsal. */
async function simulated(stage: Stage, ticket: PastTicket): Promise<PlayedTicket> {
  const observed = await play(stage, caseOf(ticket));
  const route = routeOf(observed);
  const asked = [ticket.subject, ...ticket.messages.map(({ text }) => text)].join("\n");
  const { answer, actions, outcome } = ticket;
  const person = { text: answer.text, at: new Date(answer.at), asked, actions, outcome };
  return { route, comparison: judge(draftOf(observed, route, stage.clock.now()), person) };
}

function caseOf({ id, subject, customer, messages }: PastTicket): EvalCase {
  const known = CUSTOMERS.find(({ email }) => email === customer);
  return {
    ...BARE_CASE,
    id: `forecast/${id}`,
    input: messages.map(({ text }) => ({ text, subject })),
    identity: { customer: known?.id ?? null, level: 2 },
  };
}

function routeOf({ outcome, asksPeople, replyAllowed }: Observed): RehearsedRoute {
  if (outcome !== "reply" && outcome !== "clarify") return "not_at_all";
  return asksPeople || !replyAllowed ? "with_person" : "alone";
}

const OUTCOMES: Readonly<Partial<Record<Observed["outcome"], DraftsSide["outcome"]>>> = {
  reply: "answered",
  clarify: "asked",
};

function draftOf(
  { text, actions, outcome, asksPeople }: Observed,
  route: RehearsedRoute,
  at: Date,
): DraftsSide {
  return {
    // What tells a customer that people take over is no draft.
    text: route === "not_at_all" && !asksPeople ? "" : text,
    at,
    actions: actions.map(({ planned, decision }) => ({
      ...aboutAction(planned),
      verdict: decision.verdict,
    })),
    outcome: OUTCOMES[outcome] ?? "handed_over",
  };
}
