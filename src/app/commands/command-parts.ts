/** Gives commands and the console what they work on of the composed parts, of whatever process these are. */
import { readProcedureFiles, readPolicyFile, configuredPolicySource } from "#config/policy-file.ts";
import type { AskedTry, ReplayRecording } from "#cli/command-parts.ts";
import type { BrokenFile, ToolFinding } from "#doctor/probes.ts";
import { type Config, isOnlySamples } from "#config/environment.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Publishing } from "#jobs/procedures/publish.ts";
import type { RehearsalRequest } from "#jobs/rehearsal/run.ts";
import type { ProcedureShelf } from "#jobs/procedures/shelf.ts";
import { SAMPLE_PAGES } from "#knowledge/index.ts";
import { readPages } from "#knowledge/pages.ts";
import { pageNames } from "#knowledge/passage-rows.ts";
import { openPolicyFile } from "#policy/load-policy.ts";
import { checkProcedures, problemLine, type ProcedureWorld } from "#procedures/check.ts";
import type { Store } from "#store/db/database.ts";
import { askOnce } from "#systems/ask-once.ts";
import type { SqlReadDeclaration, SystemTool } from "#systems/contract.ts";
import { neededSetting, type SystemSettings } from "#systems/http/authentication.ts";
import { chosenModel } from "#app/current-checks.ts";
import { declaredTools } from "#app/offered-tools.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import { tryTool } from "#app/rehearsal/imagined-turns.ts";
import type { ListedTool } from "#server/console/session.ts";
import { toolOffers } from "#agent/turn-state.ts";

/** Loaded when it is asked for: a process may run for months without. */
const LOADED = {
  backup: () => import("./backup.ts"),
  play: () => import("#app/rehearsal/imagined-turns.ts"),
  rehearse: () => import("#app/rehearsal/rehearse.ts"),
  replay: () => import("#agent/recording/replay.ts"),
};

/** Lends the composed parts: those of this process, or some that are closed afterwards. */
export type UseParts = <Result>(use: (parts: ComposedApp) => Promise<Result>) => Promise<Result>;

/** Who waits for a command: takes its lines, and may leave before its end. */
export interface Caller {
  readonly progress: (line: string) => void;
  /** Runs work that ends early when the caller leaves. */
  readonly whileThere: <Result>(work: (left: AbortSignal) => Promise<Result>) => Promise<Result>;
}

/** The parts that are the same wherever a command runs. */
export function commandParts(
  config: Config,
  publishing: Publishing,
  use: UseParts,
  { progress, whileThere }: Caller,
) {
  const { store, clock } = publishing;
  return {
    store,
    clock,
    progress,
    backup: async (place: string) =>
      (await LOADED.backup()).backUpHere({ store, config, progress }, place),
    rehearse: (request: RehearsalRequest) =>
      use((parts) =>
        whileThere(async (signal) =>
          (await LOADED.rehearse()).rehearse(parts, request, { progress, signal }),
        ),
      ),
    bind: ((...asked) => use((parts) => parts.bind(...asked))) satisfies ComposedApp["bind"],
    policy: configuredPolicySource(config),
    chatHoursMax: config.environment.CHAT_IDENTITY_HOURS_MAX,
    procedures: procedureShelf(config, publishing, use),
    replay: ((...recorded) =>
      use(async ({ agentParts }) =>
        (await LOADED.replay()).replaying(agentParts)(...recorded),
      )) satisfies ReplayRecording,
    tools: {
      try: (asked: AskedTry) =>
        use((parts) => tryTool({ ...parts, settings: config.systemSettings }, asked)),
    },
  };
}

/** What the bot is offered, for people. */
export function listedTools({
  agentParts: { tools },
  connected,
}: ComposedApp): readonly ListedTool[] {
  const offered = toolOffers(tools);
  return tools.map((tool, place) => ({
    name: tool.name,
    kind: tool.kind,
    operation: tool.kind === "write" ? tool.operation : null,
    level: tool.minimumLevel,
    from: whereFrom(connected, tool.name),
    parameters: offered[place]?.parameters ?? {},
  }));
}

function whereFrom({ declarations }: ComposedApp["connected"], tool: string): string {
  const declaration = declarations.find(({ name }) => name === tool);
  if (declaration === undefined) return "built in";
  const { name } = declaration.kind === "sql-read" ? declaration.database : declaration.connection;
  return `from ${name}`;
}

/** Where the tools of your own systems are, for people. */
export function toolFolders({ toolsFolders }: Config): string {
  return toolsFolders.length === 0 ? "tools" : toolsFolders.join(", ");
}

const CHECK_MS_MAX = 45_000;

const TAKES_SECRETS = "It answers, and takes our secrets.";
const ANSWERS =
  "It answers that there is no such record. Whether it takes our secrets was not to be seen: many systems look for the record first.";

/** A folder that was loaded has passed every check of its declarations; its systems are asked now. */
export async function checkedTools(
  config: Config,
  { connected: { declarations, ports } }: ComposedApp,
): Promise<readonly ToolFinding[]> {
  if (config.toolsFolders.length === 0) {
    const found =
      "No tools of your own systems are set. Name their folders in TOOLS, such as TOOLS=adapters/shops/stripe.";
    return [{ about: "tools", isWell: true, found }];
  }
  const asked = await askOnce(declarations, ports, AbortSignal.timeout(CHECK_MS_MAX));
  const count = declarations.length === 1 ? "1 tool passes" : `${declarations.length} tools pass`;
  return [
    { about: toolFolders(config), isWell: true, found: `${count} every check.` },
    ...asked.map(({ connection, problem, isSignedIn }): ToolFinding => ({
      about: connection.name,
      isWell: problem === null,
      found: problem === null ? (isSignedIn ? TAKES_SECRETS : ANSWERS) : `${problem.message}.`,
    })),
    ...(await checkDatabases(declarations, config.systemSettings)),
  ];
}

/** One finding a database: it answers, its role cannot write, every column is there. No row is read. */
export async function checkDatabases(
  declarations: readonly SystemTool[],
  settings: SystemSettings,
): Promise<readonly ToolFinding[]> {
  const lookUps = declarations.flatMap((tool) => (tool.kind === "sql-read" ? [tool] : []));
  const byDatabase = Map.groupBy(lookUps, ({ database: { name, addressFrom } }) =>
    JSON.stringify([name, addressFrom]),
  );
  return Promise.all([...byDatabase.values()].map((of) => checkedDatabase(of, settings)));
}

async function checkedDatabase(
  lookUps: readonly SqlReadDeclaration[],
  settings: SystemSettings,
): Promise<ToolFinding> {
  const [{ database } = {}] = lookUps;
  if (database === undefined) throw new Error("a group has at least one look-up");
  const { name, addressFrom } = database;
  let problems: readonly string[];
  try {
    // Loaded only where a database is checked: most installations have none of their own.
    const { changedLookUps } = await import("#systems/sql/tables/read.ts");
    problems = await changedLookUps(neededSetting(settings, addressFrom), lookUps);
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    problems = [error.message];
  }
  return {
    about: name,
    isWell: problems.length === 0,
    found:
      problems.length === 0
        ? "It answers, this role cannot write, and every column is as it was imported."
        : `${problems.join("; ")}. Nothing was changed. Mend the database, its role or its address, or import the table again.`,
  };
}

/** Tests are played with the lent parts. */
export function procedureShelf(
  config: Config,
  { store, clock, ids }: Publishing,
  use: UseParts,
): ProcedureShelf {
  const { name, isRehearsal } = chosenModel(config);
  return {
    desk: {
      store,
      clock,
      ids,
      source: configuredPolicySource(config).kind,
      play: (procedure) =>
        use(async (parts) =>
          (await LOADED.play()).playCases({ agentParts: parts.agentParts, jobs: parts }, procedure),
        ),
      model: isRehearsal ? "the rehearsal rules, which are no AI" : name,
    },
    folder: config.proceduresFolder,
    files: () => readProcedureFiles(config),
    world: () => procedureWorld(config, store),
  };
}

/**
 * What is wrong with the policy file and the files of procedures as they are on the disk now. What is in force stays
 * while they cannot be used, so that nothing else shows it.
 */
export async function brokenFiles(
  config: Config,
  { store, requireRules }: Pick<ComposedApp, "store" | "requireRules">,
): Promise<readonly BrokenFile[]> {
  const { name } = configuredPolicySource(config);
  const policy = await mistakes(() =>
    requireRules(openPolicyFile(readPolicyFile(config), name).policy),
  );
  const procedures = await mistakes(async () => {
    const files = readProcedureFiles(config);
    return checkProcedures(files, await procedureWorld(config, store)).problems.map(problemLine);
  });
  return [
    { what: "policy file", mistakes: policy, check: `policy check ${name}` },
    { what: "procedures", mistakes: procedures, check: "procedures check" },
  ].filter((file) => file.mistakes.length > 0);
}

/** What a check lists, or the message of the mistake that it throws. */
async function mistakes(
  check: () => readonly string[] | void | Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    return (await check()) ?? [];
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.retry) throw error;
    return [error.message];
  }
}

/** What procedures are checked against: the tools, help pages of files and of connected sources, and the guard. */
async function procedureWorld(config: Config, store: Store): Promise<ProcedureWorld> {
  const files = isOnlySamples(config) ? await readPages(SAMPLE_PAGES) : [];
  const stored = await pageNames(store);
  // Procedures name tools on every line, so the guard does not look for their names here.
  const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
  return {
    tools: declaredTools(config),
    pages: new Set([...files.map(({ slug }) => slug), ...stored]),
    inspect: (text, origin) => guard.inspectText(text, origin),
  };
}
