/** Plays every task several times with two models and reports pass^k, the measure of the benchmark's public board. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openaiModel } from "#agent/model.ts";
import { DEFAULT_MODEL_URL } from "#config/language-model.ts";
import type { Model } from "#core/contracts/model.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { playTask, type PlayedTask, type Players } from "./conversation.ts";
import type { RetailData } from "./data.ts";
import type { LedgerStage } from "./ledger-stage.ts";
import { passAt } from "./pass-at.ts";

interface BoardOptions {
  readonly trials: number;
  readonly userModel?: string;
  readonly dump?: string;
  readonly json: boolean;
}

interface BoardPorts {
  readonly environment: NodeJS.ProcessEnv;
  readonly print: (text: string) => void;
  readonly tell: (text: string) => void;
  readonly progress: (line: string) => void;
}

const USER_LINE_MS = 300_000;

/**
 * Plays and prints. With `dump`, each conversation is written to <task>-<trial>.json there. Returns the exit code, 0 as
 * soon as everything was played: a score is no failure.
 */
export async function playBoard(
  stage: LedgerStage,
  data: RetailData,
  { trials, userModel, dump, json }: BoardOptions,
  { environment, print, tell, progress }: BoardPorts,
): Promise<number> {
  const players = playersOf(stage, environment, userModel);
  if (dump !== undefined) mkdirSync(dump, { recursive: true });
  const played: PlayedTask[] = [];
  for (const task of data.tasks)
    for (let trial = 1; trial <= trials; trial += 1) {
      const one = await playTask(stage, data, { task, trial, players });
      played.push(one);
      const { said, problems, stateHolds } = one;
      if (dump !== undefined)
        writeFileSync(
          join(dump, `${task.id}-${trial}.json`),
          JSON.stringify({ task: task.id, trial, stateHolds, problems, said }, null, 1),
        );
      if (!stateHolds) tell(`task ${task.id}, trial ${trial}: ${problems.join("; ")}\n`);
      progress(`${played.length}/${data.tasks.length * trials} ${task.id}`);
    }
  progress("");
  const figures = boardFigures(played, trials);
  const models = { model: players.agent.name, userModel: players.user.name };
  print(
    json ? `${JSON.stringify({ ...models, ...figures })}\n` : boardText({ ...models, ...figures }),
  );
  return 0;
}

/** Where both models are asked. Throws `input.invalid` where none is set, before anything is started. */
export function connectionOf({ OPENAI_API_KEY, OPENAI_BASE_URL }: NodeJS.ProcessEnv): {
  readonly apiKey: string;
  readonly baseUrl: string;
} {
  if (OPENAI_API_KEY === undefined || OPENAI_API_KEY === "")
    throw new DeskhandError(
      "input.invalid",
      "Conversations need a model on both sides, and none is set. Nothing was played: set OPENAI_API_KEY, or replay the expected calls with --gold.",
    );
  return { apiKey: OPENAI_API_KEY, baseUrl: OPENAI_BASE_URL ?? DEFAULT_MODEL_URL };
}

function playersOf(
  { wired }: LedgerStage,
  environment: NodeJS.ProcessEnv,
  userModel: string | undefined,
): Players {
  const agent: Model = wired.agentParts.model;
  const model = userModel ?? agent.name;
  const user = openaiModel({ ...connectionOf(environment), model, timeoutMs: USER_LINE_MS });
  return { agent, user };
}

/** What was measured over all conversations. */
interface BoardFigures {
  readonly tasks: number;
  readonly trials: number;
  /** By k: the state alone, which is what the board compares. */
  readonly pass: Readonly<Record<string, number>>;
  /** By k: the state, and the customer was told what the task names. */
  readonly passAndTold: Readonly<Record<string, number>>;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The ids of the tasks that failed in at least one trial. */
  readonly failed: readonly string[];
}

/** The figures of these conversations. */
function boardFigures(played: readonly PlayedTask[], trials: number): BoardFigures {
  const byTask = [...Map.groupBy(played, ({ task }) => task.id)];
  const counted = (holds: (one: PlayedTask) => boolean): Record<string, number> => {
    const tasks = byTask.map(([, all]) => ({
      trials: all.length,
      passed: all.filter((one) => holds(one)).length,
    }));
    const ks = Array.from({ length: trials }, (_, index) => index + 1);
    return Object.fromEntries(ks.map((k) => [String(k), rounded(passAt(k, tasks) ?? 0)]));
  };
  return {
    tasks: byTask.length,
    trials,
    pass: counted(({ stateHolds }) => stateHolds),
    passAndTold: counted(({ stateHolds, wasTold }) => stateHolds && wasTold),
    inputTokens: played.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    outputTokens: played.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
    failed: byTask.filter(([, all]) => all.some(({ stateHolds }) => !stateHolds)).map(([id]) => id),
  };
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}

function boardText(
  figures: BoardFigures & { readonly model: string; readonly userModel: string },
): string {
  const { model, userModel, tasks, trials, pass, passAndTold, inputTokens, outputTokens } = figures;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return [
    `agent ${model}, customer ${userModel}: ${tasks} tasks, ${trials} conversations each`,
    ...Object.entries(pass).map(
      ([k, share]) => `pass^${k}  ${percent(share)}  and told ${percent(passAndTold[k] ?? 0)}`,
    ),
    `the agent read ${inputTokens} and wrote ${outputTokens} tokens`,
    "",
  ].join("\n");
}
