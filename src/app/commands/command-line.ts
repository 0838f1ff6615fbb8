/** Connects the command line to the running process. */

import { type CommandResult, FIRST_CARD, startControl } from "#cli/control.ts";
import type { PersonalData } from "#jobs/privacy/erase-person.ts";
import type { UnverifiedInARow } from "#core/connection/connection-board.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { NeedCheck, Readiness } from "#server/http/health.ts";
import type { Config } from "#config/environment.ts";
import { unreadDuties } from "#connections/shared-duties.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import { brokenFiles, checkedTools, commandParts } from "./command-parts.ts";
import { figuresLine, type ProcessFigures } from "#app/announce.ts";
import { toolOffers } from "#agent/turn-state.ts";

/** The commands, loaded when a teammate gives one: a process may run for months without. */
const COMMANDS = {
  all: () => import("#cli/program.ts"),
  doctor: () => import("#doctor/index.ts"),
  firstCard: () => import("#app/first-card.ts"),
};

/** What the commands work with. */
interface CommandedParts {
  readonly parts: ComposedApp;
  readonly queue: WakeQueue;
  readonly url: string;
  readonly personal: PersonalData;
  readonly readiness: Readiness;
  readonly figures: ProcessFigures;
  readonly web: { readonly unverified: () => UnverifiedInARow };
}

/** Runs `deskhand` commands inside this process while it is up. */
export function startCommands(
  { config }: { readonly config: Config },
  { url, personal, parts, queue, readiness, figures, web }: CommandedParts,
) {
  const own = {
    personal,
    status: async () =>
      [
        `Running as process ${process.pid} at ${url}`,
        figuresLine(figures.now()),
        ...readinessLines(await readiness.look()),
        ...(await unreadLines(parts)),
      ].join("\n"),
    appUrl: config.environment.DESKHAND_PUBLIC_URL ?? url,
    examine: async () => {
      const { needs } = await readiness.look();
      return (await COMMANDS.doctor()).examineRunning({
        ...parts,
        config,
        queue,
        url,
        needs,
        unverified: web.unverified(),
        brokenFiles: () => brokenFiles(config, parts),
        checkTools: () => checkedHere(config, parts),
        offered: toolOffers(parts.agentParts.tools),
      });
    },
    knowledge: async () => parts,
  };
  return startControl(config.dataFolder, async ({ argv, folder }, progress, left) => {
    if (argv[0] === FIRST_CARD) return firstCardShown(parts);
    const caller = {
      progress,
      whileThere: <R>(work: (gone: AbortSignal) => Promise<R>) => work(left),
    };
    const shared = commandParts(config, parts, (use) => use(parts), caller);
    const tools = { ...shared.tools, check: () => checkedHere(config, parts) };
    return (await COMMANDS.all()).runCommand({ ...shared, ...own, tools, folder }, argv);
  });
}

/** Posts a first card, which `init` asks for once. */
async function firstCardShown(parts: ComposedApp): Promise<CommandResult> {
  const { firstCard } = await COMMANDS.firstCard();
  return { stdout: `${await firstCard(parts)}\n`, stderr: "", exitCode: 0 };
}

/** The tools, looked at by this process. */
async function checkedHere(config: Config, parts: ComposedApp) {
  return [RUNNING, ...(await checkedTools(config, parts))];
}

const RUNNING = {
  about: "answered by",
  isWell: true,
  found:
    "the Deskhand that runs, with the settings it was started with and the policy in force. What was set since counts after its next start.",
};

/** A line for each inbox, export or socket that no process reads; part of `status` in every role. */
async function unreadLines({ store, connections }: ComposedApp): Promise<readonly string[]> {
  const unread = await unreadDuties(store, connections);
  return unread.map((duty) => `  ${duty}: no process reads it now`);
}

/** Whether the process is ready, and a line for each need that is away; part of `status`. */
function readinessLines({ ready, stopping, needs }: NeedCheck): readonly string[] {
  const away = Object.entries(needs).filter(([, { state }]) => state === "away");
  return [
    stopping ? "Not ready: it is being stopped" : ready ? "Ready" : "Not ready",
    ...away.map(
      ([name, { required, since, reason }]) =>
        `  ${name}: ${reason ?? "away"}, since ${since}${required ? "" : " (goes on without it)"}`,
    ),
  ];
}
