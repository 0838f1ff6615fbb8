/** `evals -- tau2`: plays the retail part of τ²-bench, either its expected calls or whole conversations. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { DeskhandError } from "#core/values/errors.ts";
import { endedBy } from "#evals/not-run.ts";
import { readRetailData, type RetailData, type Task } from "./data.ts";
import { replayTask } from "./gold.ts";
import { connectionOf, playBoard } from "./board.ts";
import { type LedgerStage, openLedgerStage } from "./ledger-stage.ts";

interface Options {
  readonly data: string;
  readonly gold: boolean;
  readonly dump?: string;
  readonly only?: string;
  readonly first?: number;
  readonly trials: number;
  readonly userModel?: string;
  readonly json: boolean;
}

/** What the command needs from its process. */
export interface RetailPorts {
  readonly environment: NodeJS.ProcessEnv;
  readonly print: (text: string) => void;
  /** For errors, help and the names of what failed. */
  readonly tell: (text: string) => void;
  readonly progress: (line: string) => void;
}

/** The exit code when a task did not end as it should. */
const FAILED = 1;

/** Returns the exit code: 0 when every task passed, 1 when one did not, 2 when options or files are wrong. */
export async function retailCommand(argv: readonly string[], ports: RetailPorts): Promise<number> {
  try {
    const options = parse(argv, ports);
    const data = readRetailData(options.data);
    const tasks = data.tasks
      .filter(({ id }) => options.only === undefined || id === options.only)
      .slice(0, options.first);
    if (tasks.length === 0)
      throw new DeskhandError("input.invalid", `no task is called "${options.only ?? ""}"`);
    if (!options.gold) connectionOf(ports.environment);
    const stage = await openLedgerStage(ports.environment);
    try {
      if (options.gold) return await playGold(stage, data, tasks, options, ports);
      return await playBoard(stage, { ...data, tasks }, options, ports);
    } finally {
      await stage.close();
    }
  } catch (error) {
    return endedBy(error, ports.tell);
  }
}

function parse(argv: readonly string[], { print, tell }: RetailPorts): Options {
  return new Command("evals tau2")
    .description("Plays the retail tasks of τ²-bench with tools of the same names.")
    .requiredOption("--data <folder>", "the benchmark's db.json, tasks.json and policy.md")
    .option("--gold", "replays the calls each task expects, without a model", false)
    .option("--dump <folder>", "writes the shop after each task to <task>.json there")
    .option("--only <task>", "one task, by its id")
    .option("--first <n>", "the first n tasks", count)
    .option("-k, --trials <n>", "how many conversations are played about each task", count, 1)
    .option("--user-model <name>", "the model that plays the customer, where it is another one")
    .option("--json", "for a program", false)
    .configureOutput({ writeOut: print, writeErr: tell })
    .exitOverride()
    .parse([...argv], { from: "user" })
    .opts<Options>();
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= COUNT_MAX) return number;
  throw new DeskhandError("input.invalid", `"${text}" is no number from 1 to ${COUNT_MAX}`);
}

const COUNT_MAX = 1_000;

async function playGold(
  stage: LedgerStage,
  data: RetailData,
  tasks: readonly Task[],
  { dump, json }: Options,
  { print, tell, progress }: RetailPorts,
): Promise<number> {
  if (dump !== undefined) mkdirSync(dump, { recursive: true });
  const failed: string[] = [];
  for (const [index, task] of tasks.entries()) {
    const { state, problems } = await replayTask(stage, data, task);
    if (dump !== undefined) writeFileSync(join(dump, `${task.id}.json`), JSON.stringify(state));
    if (problems.length > 0) {
      failed.push(task.id);
      tell(`task ${task.id}:\n${problems.map((problem) => `  ${problem}\n`).join("")}`);
    }
    progress(`${index + 1}/${tasks.length} ${task.id}`);
  }
  progress("");
  const passed = tasks.length - failed.length;
  print(
    json
      ? `${JSON.stringify({ tasks: tasks.length, passed, failed: failed.length })}\n`
      : `${passed} of ${tasks.length} tasks end as expected\n`,
  );
  return failed.length > 0 ? FAILED : 0;
}
