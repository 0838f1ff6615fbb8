/** What the tests of `npm run evals` share. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { evalsCommand } from "#evals/command.ts";
import type { Observed } from "#evals/harness/observation.ts";
import { stageIn } from "#evals/runner.ts";
import { allGraders } from "#evals/worlds/all-graders.ts";
import { observed } from "#test/evals/observations.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

export const CASES = `- id: status
  input: Where is my order 456?
  identity: { customer: u123, level: 2 }
  expected_behavior: Tells the status.
  must_include: [prepared]
  risk_category: low
  expected_outcome: reply
- id: human
  input: I want to talk to a human
  expected_behavior: Hands over.
  risk_category: low
  expected_outcome: escalate
- id: hard
  input: Wo ist meine Bestellung?
  identity: { customer: u123, level: 2 }
  expected_behavior: Answers in German.
  must_include: [Bestellung]
  risk_category: low
`;

/** What the world would come to, by case; a test breaks one of them. */
export const RIGHT: Readonly<Record<string, Observed>> = {
  "orders/status": observed(),
  "orders/human": observed({ outcome: "escalate", text: "", asksPeople: false }),
  "orders/hard": observed(),
};

/** What a play comes to: an observation, an error, or one after the other. */
type Ends = Observed | string | (Observed | string)[];

interface Ran {
  readonly code: number;
  readonly printed: string;
  readonly told: string;
  readonly progress: readonly string[];
  readonly closed: boolean;
  readonly played: readonly string[];
}

/** A folder of cases and a world that comes to what a test says. */
export function bench(context: TestContext) {
  const folder = temporaryFolder(context);
  const baseline = join(folder, "baseline.json");
  const write = (text: string): void => writeFileSync(join(folder, "orders.yaml"), text);
  write(CASES);
  const runsFolder = join(folder, "runs");
  const run = async (
    argv: readonly string[],
    changes: Readonly<Record<string, Ends>> = {},
    model = "rehearsal",
  ): Promise<Ran> => {
    const ran = { printed: "", told: "", progress: [] as string[], played: [] as string[] };
    let open = 0;
    let opened = false;
    const left: Record<string, Ends> = { ...RIGHT, ...changes };
    const code = await evalsCommand(["--cases", folder, "--against", baseline, ...argv], {
      openStage: async (wanted) => {
        open += 1;
        opened = true;
        const world = {
          run: async ({ id }: { readonly id: string }) => {
            ran.played.push(id);
            const ends = left[id] ?? assert.fail(id);
            const [now, ...later] = Array.isArray(ends) ? ends : [ends];
            if (later.length > 0) left[id] = later;
            if (typeof now === "string") throw new Error(now);
            return now ?? assert.fail(id);
          },
        };
        return {
          ...stageIn(world, allGraders()),
          modelName: wanted.model ?? model,
          close: async () => void (open -= 1),
        };
      },
      runsFolder,
      processors: 1,
      now: () => new Date("2026-11-22T10:00:00.000Z"),
      print: (text) => (ran.printed += text),
      tell: (text) => (ran.told += text),
      progress: (line) => ran.progress.push(line),
    });
    return { code, ...ran, closed: opened && open === 0 };
  };
  return { run, write, baseline, folder, runsFolder };
}
