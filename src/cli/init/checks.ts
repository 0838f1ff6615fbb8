/** Tries each part of the answers as soon as it is known, completes what an account can tell by itself, and starts Deskhand once in the end. */

import { Secret } from "#config/secret.ts";
import { answeringModel, DEFAULT_MODEL } from "#config/language-model.ts";
import { type Finding, findingsAbout } from "#core/connection/connection-board.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Trial } from "#doctor/trial.ts";
import type { Answers, PartName } from "./answers.ts";
import { variableGroups, variablesIn, withoutLaterParts } from "./written-files.ts";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { callControl, FIRST_CARD } from "#cli/control.ts";
import { Environment, readConfig } from "#config/environment.ts";
import { setVariables, withEnvironmentFile } from "#config/environment-file.ts";

type Variables = Readonly<Record<string, string>>;
type SlackAnswers = NonNullable<Answers["slack"]>;

/** A part that was tried: the answers with names replaced by ids, and what was found. */
export interface TriedPart {
  readonly answers: Answers;
  readonly findings: readonly Finding[];
  /** Variables that only the account could tell. */
  readonly found: Variables;
}

/** What one part is tried with. `set` are the variables that are set already; `variables` has the answers' as well. */
interface TryContext {
  readonly trial: Trial;
  readonly answers: Answers;
  readonly set: Variables;
  readonly variables: Variables;
}

/** What a try adds to what was answered. */
type Tried = Partial<TriedPart>;

/** Parts that are connections. The others are only written down. */
const TRIES: Readonly<Partial<Record<PartName, (context: TryContext) => Promise<Tried>>>> = {
  hosting: async ({ trial, answers: { hosting }, variables }) =>
    hosting?.database === undefined
      ? {}
      : { findings: await trial.database(withoutLaterParts(variables)) },
  slack: trySlack,
  people: tryPeople,
  zendesk: tryZendesk,
  email: async ({ trial, variables }) => ({
    findings: await trial.email(withoutLaterParts(variables)),
  }),
  shop: async ({ trial, answers: { shop } }) =>
    shop === undefined ? {} : { findings: await trial.shop(shop.url, shop.key) },
  model: tryModel,
};

/**
 * Tries one part with everything known so far. `set` are the variables that are set already, outside the answers. Never
 * throws: what cannot be tried is a finding.
 */
export async function tryPart(
  trial: Trial,
  part: PartName,
  { answers, set }: { readonly answers: Answers; readonly set: Variables },
): Promise<TriedPart> {
  const variables = { ...set, ...variablesIn(variableGroups(answers)) };
  const run = answers[part] === undefined ? undefined : TRIES[part];
  const tried = await run?.({ trial, answers, set, variables });
  return { answers, findings: [], found: {}, ...tried };
}

async function tryModel({ trial, answers: { model } }: TryContext): Promise<Tried> {
  if (model === undefined) return {};
  const { key, url, name = DEFAULT_MODEL, price } = model;
  const set = {
    OPENAI_API_KEY: new Secret(key),
    OPENAI_BASE_URL: url,
    DESKHAND_MODEL: name,
    DESKHAND_MODEL_PRICE: price,
  };
  const connection = answeringModel(set);
  return connection === null ? {} : { findings: await trial.model({ connection }) };
}

/** Channels are kept by their ids, because a name can change. */
async function trySlack({ trial, answers, set }: TryContext): Promise<Tried> {
  const { slack } = answers;
  if (slack === undefined) return {};
  const { slack: known, findings: unknown } = await withChannelIds(trial, slack, set);
  const completed = { ...answers, slack: known };
  if (unknown.length > 0) return { answers: completed, findings: unknown };
  const variables = { ...set, ...variablesIn(variableGroups(completed)) };
  return { answers: completed, findings: await trial.slack(withoutLaterParts(variables)) };
}

async function withChannelIds(trial: Trial, slack: SlackAnswers, set: Variables) {
  const directory = trial.directory({ ...set, ...variablesIn(variableGroups({ slack })) });
  const findings: Finding[] = [];
  const resolvedName = async (name: string): Promise<string> => {
    const id = await directory?.channel(name);
    if (id) return id;
    const found = "the app sees no such channel";
    const remedy =
      "check the name, and type /invite @Deskhand in it; a private channel is seen only then";
    findings.push(findingsAbout("slack")("problem", `channel ${name}`, found, remedy));
    return name;
  };
  try {
    return {
      slack: {
        ...slack,
        approvals_channel: await resolvedName(slack.approvals_channel),
        alerts_channel: await resolvedName(slack.alerts_channel),
        help_channels: await Promise.all((slack.help_channels ?? []).map(resolvedName)),
      },
      findings,
    };
  } catch {
    // Why Slack cannot be asked is what the check of the whole workspace says.
    return { slack, findings: [] };
  }
}

/** The policy names people by the address in their profile, or by their id where the profile shows none. */
async function tryPeople({ trial, answers, variables }: TryContext): Promise<Tried> {
  const { people } = answers;
  if (people === undefined) return {};
  const directory = trial.directory(variables);
  const finding = findingsAbout("people");
  const findings: Finding[] = [];
  const resolvedName = async (name: string): Promise<string> => {
    const isAddress = /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/.test(name);
    if (directory === null && isAddress) return name;
    const member = directory === null ? null : await directory.member(name);
    const found = directory === null ? "without Slack, people are named by their address" : NOBODY;
    findings.push(
      member === null
        ? finding("problem", name, found, WRITE)
        : finding("ok", name, `${member.name}, ${member.email ?? member.id}`),
    );
    return member?.email ?? member?.id ?? name;
  };
  try {
    const leads = unique(await Promise.all(people.leads.map(resolvedName)));
    const support = unique(await Promise.all((people.support ?? []).map(resolvedName)));
    // A lead may do everything that support may, so no person is both.
    const others = support.filter((name) => !leads.includes(name));
    return { answers: { ...answers, people: { leads, support: others } }, findings };
  } catch (error) {
    const found = `Slack's members cannot be read: ${reasonOf(error)}`;
    const remedy = "check the bot token's scopes users:read and users:read.email";
    return { findings: [finding("problem", "members", found, remedy)] };
  }
}

const NOBODY = "is no member, or more than one, of this Slack workspace";
const WRITE = "write the e-mail address of their Slack profile";

function unique(names: readonly string[]): string[] {
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
}

async function tryZendesk({ trial, answers: { zendesk }, variables }: TryContext): Promise<Tried> {
  const tried = await trial.zendesk(variables, zendesk?.admin_token ?? null);
  return { findings: tried.findings, found: tried.variables };
}

const PROGRAM = join(import.meta.dirname, "../../main.ts");
const START_MS_MAX = 90_000;
const STOP_MS_MAX = 20_000;
const LOOK_MS = 200;
/** What a process that ended too early printed last is enough to see why. */
const OUTPUT_MAX = 4_000;

interface FirstStart {
  readonly folder: string;
  readonly dataFolder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** Gives the exit code: 0 when the card is there and no problem was found. */
export async function showFirst(given: FirstStart): Promise<number> {
  const { folder, dataFolder, environment, say } = given;
  const merged = withEnvironmentFile(environment, folder);
  const { real } = readConfig(merged);
  const taken = await takenAddress(merged);
  if (taken !== null) {
    say(`✗ ${portAdvice(taken)}: what is written stays, and init gives the first card then.`);
    return 1;
  }
  say("\nStarting Deskhand once, to see that all of it works (up to a minute) …");
  const child = spawn(process.execPath, [PROGRAM], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { text: "" };
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed.text = `${printed.text}${chunk.toString("utf8")}`.slice(-OUTPUT_MAX);
    });
  try {
    if (!(await isUp(child, dataFolder))) {
      say(`✗ It did not start:\n${printed.text.trim()}`);
      return 1;
    }
    const card = real.slack ? await command(dataFolder, [FIRST_CARD], say) : 0;
    say("");
    const doctor = await command(dataFolder, ["doctor"], say);
    say(real.slack ? NEXT : NEXT_IN_SANDBOX);
    return Math.max(card, doctor);
  } finally {
    await stop(child);
  }
}

const NEXT = `
Set up. From now on:
  npm start                        starts Deskhand; Ctrl-C stops it
  npm run -s deskhand -- doctor    says what is wrong, and what to do
  deskhand.policy.yaml             the rules; every channel shadows until a lead changes it there`;

const NEXT_IN_SANDBOX = `
Set up with the sandbox's Slack. npm start shows its address; cards are there. To connect your own, type init again.`;

/** Prints what a command in the running process prints, and gives its exit code. */
async function command(
  dataFolder: string,
  argv: readonly string[],
  say: FirstStart["say"],
): Promise<number> {
  const result = await callControl(dataFolder, argv);
  if (result === null) {
    say("✗ Deskhand ended while it was asked.");
    return 1;
  }
  const { stdout, stderr, exitCode } = result;
  for (const text of [stdout, stderr]) if (text.trim() !== "") say(text.trimEnd());
  return exitCode;
}

/** Waits until it takes commands; false when it ended or took too long. */
async function isUp(child: ChildProcess, dataFolder: string): Promise<boolean> {
  const end = performance.now() + START_MS_MAX;
  while (performance.now() < end && child.exitCode === null && child.signalCode === null) {
    const answered = await callControl(dataFolder, ["status"]).catch(() => null);
    if (answered !== null) return true;
    await delay(LOOK_MS);
  }
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit", { signal: AbortSignal.timeout(STOP_MS_MAX) });
  child.kill("SIGTERM");
  await ended.catch(() => child.kill("SIGKILL"));
}

const Listens = Environment.pick({ DESKHAND_HOST: true, DESKHAND_PORT: true });

/** The address Deskhand would listen on where something else does, like "127.0.0.1:4747"; null where it is free. */
export async function takenAddress(environment: NodeJS.ProcessEnv): Promise<string | null> {
  const read = Listens.safeParse(setVariables(environment));
  // What is wrong with a variable is said where all of them are read.
  if (!read.success) return null;
  const { DESKHAND_HOST: host, DESKHAND_PORT: port } = read.data;
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return null;
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
    return code === "EADDRINUSE" ? `${host}:${port}` : null;
  }
}

/** What to do about it, without a full stop. */
export function portAdvice(address: string): string {
  return `Something listens on ${address}, where Deskhand would start. Stop it, or set DESKHAND_PORT to another number; then type init again`;
}
