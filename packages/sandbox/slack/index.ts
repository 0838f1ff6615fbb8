/**
 * Room: the sandbox's Slack: local-slack in Socket Mode, with its web page, on loopback only. By itself it listens on
 * every interface and checks no caller, so any machine on the network could approve. It is a Bun program, and Bun
 * loads a file named in BUN_OPTIONS first; ours makes it listen on 127.0.0.1 and answer only pages of this machine.
 * That no other address of this machine leads to it is then tried; where one does, the program is ended.
 * In: the data folder, and the sample members.
 * Out: addresses of its API and page, tokens, channel and member ids; or the reason why it cannot run here.
 * May touch: its own folder, one child process, one loopback port.
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { reasonOf } from "#core/values/errors.ts";
import {
  endLeftover,
  keepRunning,
  numberIn,
  type PartProcess,
  startPart,
  untilReady,
} from "#sandbox/process/index.ts";
import { CUSTOMERS, TEAM } from "#sandbox/world.ts";

const READY_WITHIN_MS = 20_000;

/** Its bar needs more room than the start page has, and a reply needs more than one line. */
const STYLE = `
.topbar { height: auto; min-height: 44px; }
.topbar-right { flex-wrap: wrap; justify-content: flex-end; white-space: nowrap; }
@media (max-width: 1000px) { .topbar .pill, .topbar .status { display: none; } }
textarea.bk-plain-input { min-height: 220px; max-width: 100%; resize: vertical; }
`;

/** A message that is taller than the window is shown from its top: what is to be decided stands there. */
const SCRIPT = `
addEventListener("load", () => {
  let shown = "";
  new MutationObserver(() => {
    const list = document.querySelector(".messages");
    const newest = list?.querySelector(":scope > .msg:last-child");
    const ts = newest?.dataset.ts ?? "";
    if (ts === shown) return;
    shown = ts;
    // The page itself first scrolls to the end.
    setTimeout(() => {
      if (newest?.isConnected && newest.offsetHeight > list.clientHeight)
        newest.scrollIntoView({ block: "start" });
    }, 120);
  }).observe(document.body, { childList: true, subtree: true });
});
`;

/**
 * Texts of the page, and what stands in their place. A text that another version of the page does not have changes
 * nothing: then the page works as its makers ship it.
 */
const PAGE_CHANGES: readonly (readonly [text: string, instead: string])[] = [
  // It draws every text field as one line, which joins the paragraphs of a reply as soon as it is edited.
  [
    'f.jsx("input",{className:"bk-plain-input",',
    'f.jsx(l.multiline?"textarea":"input",{className:"bk-plain-input",',
  ],
  ["<head>", `<head><style>${STYLE}</style><script>${SCRIPT}</script>`],
];

/**
 * A page of another site must not press Approve: a request whose Host is not this machine (DNS rebinding) or that
 * a foreign page caused (its Origin) is refused. The start page and the console, on other ports here, may. Its own
 * page is changed on the way to the browser.
 */
const PRELOAD = `
const serve = Bun.serve;
const changes = ${JSON.stringify(PAGE_CHANGES)};
const changed = async (response) => {
  if (!response?.headers.get("content-type")?.includes("text/html")) return response;
  const page = changes.reduce((text, [from, to]) => text.replace(from, () => to), await response.text());
  return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
};
const here = (url) => URL.canParse(url) && ["127.0.0.1", "localhost"].includes(new URL(url).hostname);
Bun.serve = (options) =>
  serve({
    ...options,
    hostname: "127.0.0.1",
    async fetch(request, server) {
      const origin = request.headers.get("origin");
      if (!here(request.url) || (origin !== null && !here(origin))) {
        return new Response("Only pages of this machine may use the sandbox's Slack.", { status: 403 });
      }
      return changed(await options.fetch(request, server));
    },
  });
`;

/** Where it may keep its files, and who is told what happens, in lines for a person. */
export interface LocalSlackOptions {
  readonly directory: string;
  readonly log: (line: string) => void;
  /** Where it sends signed requests; left out, the bot connects in Socket Mode. */
  readonly requestUrl?: string;
}

/** A running sandbox Slack. It forgets every message when it ends. */
export type LocalSlack = Awaited<ReturnType<typeof start>>;

/** Why there is no sandbox Slack here, as a sentence for a person. */
export interface SlackUnavailable {
  readonly unavailable: string;
}

/**
 * Starts the sandbox's Slack on a loopback port, the one of its last start if that is free, so that an open page
 * goes on. Never throws: where it cannot run, or would be reachable from outside, the result says why.
 */
export async function startLocalSlack(
  options: LocalSlackOptions,
): Promise<LocalSlack | SlackUnavailable> {
  const command = findLocalSlack();
  if (command === undefined) {
    return {
      unavailable: `the package local-slack-linux-x64 is not installed (this is ${process.platform} ${process.arch})`,
    };
  }
  try {
    return await start(command, options);
  } catch (error) {
    return { unavailable: reasonOf(error) };
  }
}

/** The package is optional: npm leaves it out on systems it was not built for. */
function findLocalSlack(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  try {
    return createRequire(import.meta.url).resolve("local-slack-linux-x64/bin/local-slack");
  } catch {
    return undefined;
  }
}

async function start(command: string, options: LocalSlackOptions) {
  const work = join(options.directory, "work");
  const pid = pidFile(options);
  await endLeftover(pid, work);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true, mode: 0o700 });
  writeFileSync(join(work, "preload.js"), PRELOAD);
  writeFileSync(
    join(work, "config.json"),
    JSON.stringify(workspaceConfig(options.requestUrl ?? null)),
  );
  const { port, close } = await keepRunning({
    name: "Slack",
    directory: work,
    pidFile: pid,
    launch: (free) => launch(command, options, work, free),
    failed: (error) => {
      if (error instanceof ReachableFromOutside) throw error;
    },
    preferredPort: numberIn(portFile(options), 65_535) ?? 0,
    consequence:
      "Messages in the sandbox's Slack are gone; cards that wait are on the approvals page.",
    log: options.log,
  });
  writeFileSync(portFile(options), String(port));
  const url = `http://127.0.0.1:${port}`;
  return {
    /** The web page, and the root of the control API under /_control. */
    url,
    /** What Bolt takes as slackApiUrl, with the slash at its end. */
    apiUrl: `${url}/api/`,
    ...CREDENTIALS,
    approvalsChannel: IDS.approvals,
    alertsChannel: IDS.alerts,
    helpChannel: IDS.help,
    botUserId: IDS.bot,
    users: MEMBERS,
    close,
  };
}

function pidFile({ directory }: LocalSlackOptions): string {
  return join(directory, "local-slack.pid");
}

function portFile({ directory }: LocalSlackOptions): string {
  return join(directory, "port");
}

class ReachableFromOutside extends Error {}

/** The preload file is named relative to the working directory: Bun splits BUN_OPTIONS at spaces. */
async function launch(
  command: string,
  options: LocalSlackOptions,
  work: string,
  port: number,
): Promise<PartProcess> {
  const server = startPart({
    command,
    parameters: [
      "--config",
      "config.json",
      "--port",
      String(port),
      "--base-host",
      "127.0.0.1",
      "--files-dir",
      "files",
    ],
    directory: work,
    // Nothing else of our environment: this is another vendor's program, and keys are none of its business.
    environment: { BUN_OPTIONS: "--preload ./preload.js", TMPDIR: work },
    pidFile: pidFile(options),
  });
  const isReady = () => isHereAlone(port);
  await untilReady(server, { name: "local-slack", withinMs: READY_WITHIN_MS, isReady });
  return server;
}

/** True once it can be reached here. Throws where another machine could reach it too, by an address of this one. */
async function isHereAlone(port: number): Promise<boolean> {
  if (!(await takesCalls("127.0.0.1", port))) return false;
  const others = Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0);
  for (const { address } of others)
    if (await takesCalls(address, port))
      throw new ReachableFromOutside(
        `local-slack was reachable at ${address} for other machines too, and was ended`,
      );
  return true;
}

/** An address of this machine that takes longer lets nothing through. */
const CONNECT_MS = 1_000;

function takesCalls(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (isTaken: boolean) => () => {
      resolve(isTaken);
      socket.destroy();
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}

// The sample company's workspace: who is in it, which channels it has, and as whom Deskhand speaks there.

/** Ids as Slack's look: a letter for the kind, then capitals and digits. They are the same in every run. */
export const IDS = {
  team: "T0OURSHOP",
  app: "A0DESKHAND",
  bot: "U0DESKHAND",
  sam: "U0SAMORTIZ",
  lea: "U0LEAWINTER",
  ned: "U0NEDFROST",
  ann: "U0ANNFIELDS",
  approvals: "C0APPROVALS",
  alerts: "C0ALERTS",
  help: "C0HELPDESK",
} as const;

/** The sandbox's Slack checks none of these; they only have the form that Bolt and a reader expect. */
export const CREDENTIALS = {
  botToken: "xoxb-deskhand-sandbox",
  appToken: "xapp-deskhand-sandbox",
  signingSecret: "deskhand-sandbox-signing-secret",
} as const;

/** Sam supports, Lea leads, Ned has no role, and Ann is a customer who also is a member. */
export const MEMBERS = {
  sam: { ...TEAM.sam, id: IDS.sam },
  lea: { ...TEAM.lea, id: IDS.lea },
  ned: { ...TEAM.ned, id: IDS.ned },
  ann: { ...CUSTOMERS[0], id: IDS.ann },
} as const;

/**
 * The workspace as local-slack's --config takes it. Ned can see the approvals channel, so that one can try what
 * happens when a member without a role presses a button. A slash command needs no entry: what a member types
 * after "/" goes to the only app there is.
 */
export function workspaceConfig(requestUrl: string | null): object {
  const members = [IDS.bot, IDS.sam, IDS.lea, IDS.ned, IDS.ann];
  const team = members.filter((id) => id !== IDS.ann);
  return {
    workspace: { name: "OurShop", domain: "ourshop", teamId: IDS.team },
    apps: [
      {
        appId: IDS.app,
        botUserId: IDS.bot,
        botName: "Deskhand",
        ...(requestUrl === null ? { mode: "socket" } : { mode: "events", requestUrl }),
        ...CREDENTIALS,
      },
    ],
    users: Object.entries(MEMBERS).map(([name, { id, name: real_name, email }]) => ({
      id,
      name,
      real_name,
      email,
      tz: "UTC",
    })),
    channels: [
      {
        id: IDS.approvals,
        name: "approvals",
        members: team,
        topic: "Drafts and actions that wait for a person",
      },
      { id: IDS.alerts, name: "alerts", members: team, topic: "What needs a person now" },
      { id: IDS.help, name: "help", members: members, topic: "Ask Deskhand" },
    ],
  };
}
