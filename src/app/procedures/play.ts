/** Plays the tests of a procedure through the turn of this installation. Nothing is sent, changed or stored. */

import { createAgent } from "#agent/loop.ts";
import type { AgentParts } from "#agent/turn-state.ts";
import type { FollowedProcedure } from "#core/contracts/knowledge.ts";
import type { IdentityEvidence } from "#core/values/identity.ts";
import { plainMessage } from "#core/values/message.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { type ProcedureCase, missedIn, type PlayedCase } from "#procedures/cases.ts";
import type { Procedure } from "#procedures/format.ts";
import { imaginedTurn, type ImaginingParts } from "#app/rehearsal/imagined-turn.ts";

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
    ? { level: 0, method: "none", reason: "the test names no customer", handle: { kind: "none" } }
    : {
        level: 2,
        method: "dkim",
        reason: "the test says who writes",
        handle: { kind: "email", email: from },
      };
}
