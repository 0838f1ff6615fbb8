/** Whatever happens in whatever order: nothing unapproved, nothing twice, no limit exceeded, nothing lost. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { openEnvironment, type TestEnvironment } from "#test/simulation/approvals/environment.ts";
import { describeSteps, type Step } from "#test/simulation/approvals/step.ts";
import { StoryPlayer } from "#test/simulation/approvals/world.ts";
import { DATABASES, MAIN_DATABASE } from "#test/support/deskhand.ts";
import { migratedFreshDatabase } from "#test/support/postgres.ts";
import { drain } from "./drain.ts";
import { PLOTS } from "./plots.ts";
import { stories } from "./stories.ts";
import { Watch } from "./watch.ts";

/** How long new stories are tried on each database; `PROPERTY_SECONDS=600 npm test -- test/property` looks longer. */
const SECONDS = Number(process.env["PROPERTY_SECONDS"] ?? 4);

/** The same stories every time, so that a run says something about the change before it; a longer look takes others. */
const SEED = process.env["PROPERTY_SECONDS"] === undefined ? 20_261_122 : undefined;

/** More than can be played in that time. */
const STORIES_MAX = SECONDS * 40;

/** A story that fails is made shorter for so long. */
const SHORTENED_MS = 60_000;

/** Behind the time of looking as long as any test has. */
const TIMEOUT_MS = SECONDS * 1_000 + 900_000;

for (const kind of DATABASES)
  describe(`any order of events on ${kind}`, () => {
    test("keeps every promise", { timeout: TIMEOUT_MS }, async () => {
      const database = kind === "postgres" ? await migratedFreshDatabase() : null;
      const environment = await openEnvironment(database?.url ?? null);
      try {
        await tryStories(environment, kind === MAIN_DATABASE ? PLOTS : []);
      } finally {
        await environment.close();
        await database?.drop();
      }
    });
  });

/** `first` are played before any story that is made up, however long that takes. */
async function tryStories(
  environment: TestEnvironment,
  first: readonly (readonly Step[])[],
): Promise<void> {
  const until = performance.now() + SECONDS * 1_000;
  const state = { played: 0, failed: false };
  const result = await fc.check(
    fc.asyncProperty(stories, async (steps) => {
      const left = until - performance.now();
      if (state.failed ? left < -SHORTENED_MS : left < 0 && state.played >= first.length) return;
      state.failed = true;
      await play(environment, steps);
      state.failed = false;
      state.played += 1;
    }),
    {
      numRuns: STORIES_MAX,
      examples: first.map((steps): [readonly Step[]] => [steps]),
      ...(SEED === undefined ? {} : { seed: SEED }),
    },
  );
  if (result.failed) throw new Error(reportOf(result), { cause: result.errorInstance });
  assert.ok(state.played > 0, "there was no time for a single story");
}

async function play(environment: TestEnvironment, steps: readonly Step[]): Promise<void> {
  await environment.reset();
  const watch = new Watch(environment);
  const player = new StoryPlayer(environment, watch);
  for (const [index, step] of steps.entries()) {
    await player.play(step);
    assert.deepEqual(watch.broken, [], `after step ${index + 1}`);
  }
  await drain(player, watch);
  await watch.atTheEnd();
  assert.deepEqual(watch.broken, [], "at the end");
}

/** The shortest story that breaks a promise, told line by line, with what plays it again. */
function reportOf(details: fc.RunDetails<[readonly Step[]]>): string {
  const [steps] = details.counterexample ?? [[]];
  const { seed, counterexamplePath, errorInstance } = details;
  return [
    "A story breaks a promise:",
    describeSteps(steps),
    errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
    `Again: { seed: ${seed}, path: "${counterexamplePath ?? ""}" } for fc.check`,
  ].join("\n");
}
