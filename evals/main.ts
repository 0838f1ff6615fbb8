/** Entry point of `npm run evals`: connects its commands, each with its name, to the process. */
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { evalsCommand } from "./command.ts";
import { contradictionsCommand } from "./contradictions/command.ts";
import { delicateCommand } from "./guard/delicate/command.ts";
import { floodCommand } from "./flood/command.ts";
import { openFlood } from "./flood/play.ts";
import { forecastCommand } from "./forecast/command.ts";
import { openForecastWorld } from "./forecast/play.ts";
import { guardCommand } from "./guard/command.ts";
import { knowledgeCommand } from "./knowledge/command.ts";
import { mailCommand } from "./mail/command.ts";
import { redteamCommand } from "./redteam/command.ts";
import { stageIn } from "./runner.ts";
import { sampleCheck } from "./sample-check.ts";
import { sameCaseCommand } from "./same-case/command.ts";
import { allGraders } from "./worlds/all-graders.ts";
import { openThread } from "./worlds/open-thread.ts";
import { openWorld } from "./harness/sample-world.ts";
import { openTalkingWorld } from "./talks/talking-world.ts";
import { questionsCommand } from "./questions/command.ts";
import { repliesCommand } from "./replies/command.ts";
import {
  checkingJudge,
  configuredReader,
  recordedReader,
  verifyingJudge,
} from "./replies/verifying-judge.ts";

/** On a terminal, one line that is overwritten; elsewhere a line every five cases, so that a log stays short. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${line}`);
  else if (/^\d*[05]\//.test(line) || line.startsWith("1/")) process.stderr.write(`${line}\n`);
}

/** The same for runs of hundreds of texts: elsewhere a line every hundred. */
function countProgress(done: number, all: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${done}/${all}`);
  else if (done % 100 === 0 || done === all) process.stderr.write(`${done}/${all}\n`);
}

const output = {
  print: (text: string) => process.stdout.write(text),
  tell: (text: string) => process.stderr.write(text),
  progress,
};
const counting = { ...output, progress: countProgress };

/** Takes the words after its name, and gives the exit code. */
type EvalCommand = (words: readonly string[]) => number | Promise<number>;

function replies(words: readonly string[]): Promise<number> {
  const check = sampleCheck();
  return repliesCommand(words, {
    ...output,
    judge: checkingJudge(check),
    verifyingJudge: (answers) =>
      verifyingJudge(
        check,
        answers === undefined ? configuredReader(process.env) : recordedReader(answers),
      ),
  });
}

/** Plays the eval cases: what runs without a name. */
function evals(words: readonly string[]): Promise<number> {
  return evalsCommand(words, {
    ...output,
    openStage: async ({ talks, model, casesFolder }) => {
      if (talks === null) return openThread({ casesFolder, model });
      const world = await openTalkingWorld(process.env, talks);
      const { modelName, close } = world;
      return { ...stageIn(world, allGraders()), modelName, close };
    },
    runsFolder: join(resolve(process.env["DESKHAND_DATA"] ?? ".deskhand"), "evals"),
    processors: availableParallelism(),
    now: () => new Date(),
  });
}

/** The names are those of test/runner/programs.mjs. */
const COMMANDS: ReadonlyMap<string, EvalCommand> = new Map<string, EvalCommand>([
  ["contradictions", (words) => contradictionsCommand(words, output)],
  ["delicate", (words) => delicateCommand(words, output)],
  ["flood", (words) => floodCommand(words, { ...counting, openFlood })],
  ["forecast", (words) => forecastCommand(words, { ...output, openWorld: openForecastWorld })],
  ["guard", (words) => guardCommand(words, output)],
  ["knowledge", (words) => knowledgeCommand(words, output)],
  ["mail", (words) => mailCommand(words, output)],
  [
    "questions",
    (words) => questionsCommand(words, { ...output, openWorld: () => openWorld(process.env) }),
  ],
  ["redteam", (words) => redteamCommand(words, counting)],
  ["replies", replies],
  ["same-case", () => sameCaseCommand(output)],
]);

const [name = "", ...rest] = process.argv.slice(2);
const command = COMMANDS.get(name);
process.exitCode = await (command === undefined ? evals(process.argv.slice(2)) : command(rest));
