/** What the examples share: a gate whose one action is a refund at a shop, and the life of an agent's process. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import { z } from "zod";
import { loggedIn, onPglite, openGate, Refused } from "@deskhand/gate";

/** What the tool takes; the gate parses it once more. */
export const Refund = z.strictObject({ order: z.string(), cents: z.int().min(1) });

/** What the customer writes, and the call that the scripted model makes of it. */
export const WRITTEN = "Order 789 came broken. I would like my money back.";
export const CALL = { id: "call-1", name: "refund", args: { order: "789", cents: 4_700 } } as const;

const APPROVER = "sam@example.com";

/** Opens the gate of this folder. The shop is another process, which counts. */
function openRefunds(database: PGlite, shop: string) {
  const place = (key: string): string => `${shop}/refunds/${encodeURIComponent(key)}`;
  return openGate({
    database: onPglite(database),
    // The next process of this name takes over what this one had begun.
    worker: "agent",
    secret: "at least thirty-two characters, kept elsewhere",
    roleOf: (person) => (person === APPROVER ? "member" : null),
    actions: {
      refund: {
        args: Refund,
        async commit(args, { key, signal }) {
          const body = JSON.stringify(args);
          const answer = await fetch(place(key), { method: "POST", body, signal });
          if (answer.status === 422) throw new Refused(await answer.text());
          if (!answer.ok) throw new Error(`the shop answers ${answer.status}`);
          return answer.text();
        },
        async find(_args, key) {
          const answer = await fetch(place(key));
          if (answer.status === 404) return { state: "absent" };
          if (!answer.ok) throw new Error(`the shop answers ${answer.status}`);
          return { state: "done", ref: await answer.text() };
        },
      },
    },
  });
}

export type RefundGate = Awaited<ReturnType<typeof openRefunds>>;

/** What came of a tool's call: an approval that people decide on, or words for the agent at once. */
export type Asked = { readonly waitsFor: string } | { readonly told: string };

/** Proposes a tool's call. The key is the call's id, so that asked again it is the same approval and one effect. */
export async function ask(
  gate: RefundGate,
  run: string,
  call: { readonly id: string; readonly args: z.input<typeof Refund> },
): Promise<Asked> {
  const calls = [{ action: "refund", args: call.args, key: call.id }] as const;
  const [proposed] = await gate.propose({ run, calls });
  if (proposed?.state === "waiting") return { waitsFor: proposed.ticket.id };
  if (proposed?.state === "decided") return { told: proposed.outcome.told };
  if (proposed?.state !== "allowed") return { told: "The rules do not allow it." };
  await gate.run();
  return { told: (await gate.outcome(proposed.id)).told };
}

/** Where an agent stopped: its state as text, and the approvals it waits for. */
const Stopped = z.object({ state: z.string(), waitsFor: z.array(z.string()).min(1) });
export type Stopped = z.infer<typeof Stopped>;

/** An agent of any SDK. */
export interface Agent {
  /** Answers what a customer writes, as far as it comes without a person. */
  start(written: string): Promise<Stopped>;
  /** Goes on after the decisions; gives its last words. */
  goOn(state: string): Promise<string>;
}

const Arguments = z.tuple([z.enum(["ask", "yes", "no", "go on"]), z.string(), z.url()]);

/** One process of an agent: `node FILE ask|yes|no|"go on" FOLDER SHOP`. All that it knows of earlier ones is in the folder. */
export async function play(agentOn: (gate: RefundGate, folder: string) => Agent): Promise<void> {
  const [step, folder, shop] = Arguments.parse(process.argv.slice(2));
  const database = await PGlite.create(join(folder, "gate"));
  const gate = await openRefunds(database, shop);
  const agent = agentOn(gate, folder);
  const file = join(folder, "stopped.json");
  if (step === "ask") {
    writeFileSync(file, JSON.stringify(await agent.start(WRITTEN)));
    for (const ticket of await gate.waiting()) await tell(await gate.show(ticket));
    await tell("waits");
    // Until it is killed.
    for (;;) await delay(60_000);
  }
  // An application does this where it has checked a session: nothing that an agent can reach says who decides.
  const person = loggedIn(APPROVER, "Sam");
  for (const ticket of step === "go on" ? [] : await gate.waiting())
    await gate.decide(ticket, person, { kind: step });
  const stopped = Stopped.parse(JSON.parse(readFileSync(file, "utf8")));
  for (const id of stopped.waitsFor) await settle(gate, id);
  await tell(await agent.goOn(stopped.state));
  await database.close();
}

/** Carries out what is due until this is over. */
async function settle(gate: RefundGate, id: string): Promise<void> {
  for (;;) {
    await gate.run();
    if ((await gate.outcome(id)).state !== "waiting") return;
    await delay(250);
  }
}

async function tell(words: string | null): Promise<void> {
  await new Promise<unknown>((resolve) => process.stdout.write(`${words ?? "gone"}\n`, resolve));
}
