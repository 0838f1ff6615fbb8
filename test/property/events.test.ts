/** Whatever happens in whatever order: nothing unapproved, nothing twice, no limit exceeded, nothing lost. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { openStand } from "#evals/promises/seals/stand.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import { told, type Step } from "#evals/promises/seals/step.ts";
import { World } from "#evals/promises/seals/world.ts";
import { drain } from "./drain.ts";
import { stories } from "./stories.ts";
import { Watch } from "./watch.ts";

const SECONDS = Number(process.env["PROPERTY_SECONDS"] ?? 15);

for (const kind of DATABASES)
  describe(`any order of events on ${kind}`, () => {
    test("keeps every promise", { timeout: (SECONDS + 120) * 1_000 }, async () => {
      const database = kind === "postgres" ? await freshDatabase() : null;
      const stand = await openStand(database?.url ?? null);
      try {
        await fc.assert(
          fc.asyncProperty(stories, async (steps) => {
            await stand.reset();
            const watch = new Watch(stand);
            await play(new World(stand, watch), watch, steps);
          }),
          {
            numRuns: 100_000,
            interruptAfterTimeLimit: SECONDS * 1_000,
            markInterruptAsFailure: false,
            reporter: report,
          },
        );
      } finally {
        await stand.close();
        await database?.drop();
      }
    });
  });

async function play(world: World, watch: Watch, steps: readonly Step[]): Promise<void> {
  for (const [index, step] of steps.entries()) {
    await world.play(step);
    assert.deepEqual(watch.broken, [], `after step ${index + 1}`);
  }
  await drain(world, watch);
  await watch.atTheEnd();
  assert.deepEqual(watch.broken, [], "at the end");
}

/** The shortest story that breaks a promise, told line by line, with what runs it again. */
function report(details: fc.RunDetails<[readonly Step[]]>): void {
  if (!details.failed) return;
  const [steps] = details.counterexample ?? [[]];
  throw new Error(
    [
      `After ${details.numRuns} stories one broke a promise:`,
      told(steps),
      String(details.errorInstance instanceof Error ? details.errorInstance.message : ""),
      `Again: seed ${details.seed}, path "${details.counterexamplePath ?? ""}".`,
    ].join("\n"),
    { cause: details.errorInstance },
  );
}
