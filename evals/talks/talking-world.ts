/** Opens worlds whose conversations with the model are recorded, or replayed from recordings. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { readConfig } from "#config/environment.ts";
import { DEFAULT_MODEL_URL } from "#config/language-model.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { openWorld, type World } from "#evals/harness/sample-world.ts";
import type { Graded } from "#evals/runner.ts";
import { openModelDoor, type ModelDoor, type Upstream } from "./model-door.ts";
import { pageOf } from "./page.ts";
import { fileName, readRecording, observedResult, writeRecording } from "./recording.ts";

/** Where conversations are kept, or where kept ones are played again from. */
export interface Talks {
  readonly kind: "record" | "replay";
  readonly folder: string;
}

/** A world for cases, and what it does with each one once it is graded. */
export type TalkingWorld = Pick<World, "modelName" | "run" | "close"> & {
  readonly keep?: (graded: Graded) => void;
};

/** The longest one call may take, for a person who writes the answer by hand: the built-in fetch waits no longer. */
const CALL_SECONDS = 300;
/** A turn gives a call a third of its time. */
const TURN_SECONDS = 3 * CALL_SECONDS;
/** A day or conversation of such turns. */
const LONG_SECONDS = 1_000 * TURN_SECONDS;

/**
 * Opens a world that speaks with its model through a door of its own. Recording takes the model of the environment and
 * asks it only for what is not in the folder yet, so an interrupted run is continued; replaying takes no model. Throws
 * `input.invalid` for a recording without a model.
 */
export async function openTalkingWorld(
  environment: NodeJS.ProcessEnv,
  { kind, folder }: Talks,
): Promise<TalkingWorld> {
  const door = await openModelDoor(kind === "record" ? upstreamOf(environment) : null);
  const settingsFolder = mkdtempSync(join(tmpdir(), "deskhand-talks-"));
  const close = async (): Promise<void> => {
    await door.close();
    rmSync(settingsFolder, { recursive: true });
  };
  try {
    const world = await openWorld(
      { ...environment, OPENAI_BASE_URL: door.url, OPENAI_API_KEY: "kept-by-the-door" },
      patience(settingsFolder),
    );
    return {
      modelName: world.modelName,
      run(evalCase) {
        door.begin(readRecording(folder, evalCase.id)?.answers ?? []);
        return world.run(evalCase);
      },
      ...(kind === "record" ? { keep: (graded) => keep(graded, { world, door, folder }) } : {}),
      async close() {
        await world.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function upstreamOf({ OPENAI_API_KEY, OPENAI_BASE_URL }: NodeJS.ProcessEnv): Upstream {
  if (OPENAI_API_KEY === undefined)
    throw new DeskhandError(
      "input.invalid",
      "--recording needs a model: set OPENAI_API_KEY, and OPENAI_BASE_URL for another server than OpenAI's",
    );
  return { key: OPENAI_API_KEY, url: OPENAI_BASE_URL ?? DEFAULT_MODEL_URL };
}

const Caps = z.record(z.string(), z.number());
const PolicyFile = z.looseObject({
  caps: z.looseObject({ turn: Caps, conversation: Caps, day: Caps }),
});

/**
 * The sandbox's policy with time for slow answers. Translations for the team are left out, because they are bounded by
 * seconds that no policy changes.
 */
function patience(folder: string): NodeJS.ProcessEnv {
  const shipped = readConfig({});
  const policy = PolicyFile.parse(parse(readPolicyFile(shipped)));
  const { turn, conversation, day } = policy.caps;
  const caps = {
    ...policy.caps,
    turn: { ...turn, seconds: TURN_SECONDS },
    conversation: { ...conversation, seconds: LONG_SECONDS },
    day: { ...day, seconds: LONG_SECONDS },
  };
  const file = join(folder, "policy.yaml");
  writeFileSync(file, stringify({ ...policy, caps, team_languages: [] }));
  return {
    DESKHAND_POLICY: file,
    DESKHAND_PROCEDURES: shipped.proceduresFolder ?? "",
    DESKHAND_VERIFIER_SECONDS: String(CALL_SECONDS),
  };
}

function keep(
  graded: Graded,
  { world, door, folder }: { world: World; door: ModelDoor; folder: string },
): void {
  const exchanges = door.end();
  const { id } = graded.evalCase;
  writeRecording(folder, {
    case: id,
    model: world.modelName,
    result: observedResult(graded.observed),
    answers: exchanges.map(({ answer }) => answer),
  });
  const pages = join(folder, "pages");
  mkdirSync(pages, { recursive: true });
  const findings = world.stage.results.at(-1)?.findings ?? [];
  writeFileSync(join(pages, `${fileName(id)}.md`), pageOf(graded, { exchanges, findings }));
}
