/** Entry point of the evaluation run: connects the command to the process. */
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { DECLARED_TOOLS } from "#tools/index.ts";
import { operationsOf } from "#guard/claims/operations.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { evalsCommand } from "./command.ts";
import { guardCommand } from "./guard/command.ts";
import { knowledgeCommand } from "./knowledge/command.ts";
import { mailCommand } from "./mail/command.ts";
import { stageIn } from "./runner.ts";
import { allGraders } from "./worlds/all-graders.ts";
import { openThread } from "./worlds/open-thread.ts";
import { openWorld } from "./harness/sample-world.ts";
import { openTalkingWorld } from "./talks/talking-world.ts";
import { questionsCommand } from "./questions/command.ts";
import { retailCommand } from "./tau2/command.ts";
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

const output = {
  print: (text: string) => process.stdout.write(text),
  tell: (text: string) => process.stderr.write(text),
  progress,
};

const [first, ...rest] = process.argv.slice(2);
if (first === "replies") {
  const check = createOutputCheck({
    operations: operationsOf(DECLARED_TOOLS),
    linkHosts: ["help.ourshop.test"],
    contacts: [],
    ownAddresses: ["support@ourshop.test"],
    isCanary: () => false,
  });
  process.exitCode = await repliesCommand(rest, {
    ...output,
    judge: checkingJudge(check),
    verifyingJudge: (answers) =>
      verifyingJudge(
        check,
        answers === undefined ? configuredReader(process.env) : recordedReader(answers),
      ),
  });
} else if (first === "questions")
  process.exitCode = await questionsCommand(rest, {
    ...output,
    openWorld: () => openWorld(process.env),
  });
else if (first === "guard") process.exitCode = guardCommand(rest, output);
else if (first === "knowledge") process.exitCode = await knowledgeCommand(rest, output);
else if (first === "mail") process.exitCode = await mailCommand(rest, output);
else if (first === "tau2")
  process.exitCode = await retailCommand(rest, { ...output, environment: process.env });
else
  process.exitCode = await evalsCommand(process.argv.slice(2), {
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
