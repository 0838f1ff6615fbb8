/**
 * Room: finds out what is wrong with an installation. `examineRunning` and `examineHere` run every check.
 * In: the configuration, and the connections of the running process or new ones.
 * Out: a list of findings, each with a remedy where something is wrong.
 * May touch: every configured part with small calls: database, Redis, mail folder, vendors, shop and model.
 */
import { examineInboxes } from "#email/check-inboxes.ts";
import { examineSlack } from "#slack/setup/check-workspace.ts";
import { examineZendesk } from "#zendesk/setup/check-account.ts";
import { errorCode, reasonOf } from "#core/values/errors.ts";
import {
  type Finding,
  findingsAbout,
  type UnverifiedInARow,
} from "#core/connection/connection-board.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { OfferedTool } from "#core/contracts/model.ts";
import type { Clock, RedisPlace } from "#core/contracts/ports.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { openQueue, type WakeQueue } from "#jobs/queue/queue.ts";
import { currentPolicy, loadPolicy } from "#policy/load-policy.ts";
import { configuredBlobPlace, configuredRedisPlace } from "#config/storage.ts";
import { isRealSetup, readConfig, type Config } from "#config/environment.ts";
import { DEFAULT_MODEL_URL } from "#config/language-model.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { unreadDuties } from "#connections/shared-duties.ts";
import type { Connected } from "#connections/connect-all.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { READER_ELSEWHERE } from "#connections/sign-ins.ts";
import { signInProblems } from "#config/channels.ts";
import { sharedPlace, type SharedPlace, storageAt } from "#store/blobs/shared-place.ts";
import type { Store } from "#store/db/database.ts";
import { connectedBeside, openedStore } from "./trial.ts";
import { createLog } from "#telemetry/log.ts";
import { unopened, withMeaning } from "./mends.ts";
import {
  type BrokenFile,
  brokenFileFindings,
  settingFindings,
  ownFileFindings,
  proxyFindings,
  clockFindings,
  databaseFinding,
  helpPageFindings,
  needFindings,
  publicFinding,
  queueFinding,
  shopFinding,
  signatureFindings,
  type ToolFinding,
  toolFindings,
} from "./probes.ts";
import { modelsFindings } from "./try-model.ts";

/** What the checks examine. */
interface Examined {
  readonly config: Config;
  readonly store: Store;
  readonly connections: Connected;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly blobPlace: SharedPlace;
  /** True inside a running process. */
  readonly runsHere: boolean;
  /** Null where no Redis is known here. */
  readonly ping: Parameters<typeof queueFinding>[0];
  /** Address of the pages. */
  readonly publicUrl: string | null;
  /** Asks the systems of the tools folder as `tools check` does; null where they cannot be asked from here. */
  readonly checkTools: (() => Promise<readonly ToolFinding[]>) | null;
  /** What is wrong with the policy file and the procedures on the disk; left out where the start says it. */
  readonly brokenFiles?: () => Promise<readonly BrokenFile[]>;
  /** The tools a turn offers its model; left out where they are not put together. */
  readonly offered?: readonly OfferedTool[];
  /** Vendors' requests that this process refused; left out beside no running process. */
  readonly unverified?: UnverifiedInARow;
  /** How this process sees what it needs; left out beside no running process. */
  readonly needs?: Parameters<typeof needFindings>[0];
}

/** Checks every part that is configured or that the sandbox replaces. Never throws. */
async function examine(given: Examined): Promise<readonly Finding[]> {
  const { config, store, connections, ping, publicUrl, policy, clock } = given;
  const { email, slack, shop, zendesk } = connections;
  const { DESKHAND_ROLE: role } = config.environment;
  const isReal = isRealSetup(config) || config.real.shop;
  const looks: Promise<Finding | readonly Finding[]>[] = [
    databaseFinding(store, { isReal, onlyShadows: onlyShadows(config, policy) }),
    queueFinding(ping),
    dutiesFinding(given),
    ...(role === "web" ? [] : [blobsFinding(given)]),
    zendesk === null
      ? notConnected("zendesk", "ZENDESK_URL", role)
      : examineZendesk(zendesk, publicUrl),
    slack === null
      ? notConnected("slack", "SLACK_BOT_TOKEN", role)
      : examineSlack(slack, policyPeople(policy, clock)),
    email === null ? notConnected("email", "IMAP_HOST", role) : examineInboxes(email),
    helpPageFindings(store),
    shop.url === "" ? noShop(config) : shopFinding(shop.url, shop.key),
    toolFindings(config.toolsFolders, given.checkTools),
    brokenFileFindings(given.brokenFiles),
    clockFindings(serversOfOthers(config), clock),
    ...(publicUrl === null || role === "worker"
      ? []
      : [
          installationSecrets(store, clock).then(
            ({ instance }) => publicFinding(publicUrl, instance),
            // Without the database, which is a finding of its own, our address cannot be told from another's.
            () => [],
          ),
        ]),
    modelsFindings(config.environment, {
      isReal,
      tryMsMax: Math.floor(policy.caps.turn.ms / 3),
      now: clock.now(),
      ...(given.offered === undefined ? {} : { tools: given.offered }),
    }),
  ];
  const lists = await Promise.all(looks);
  const found = [
    ...ownFileFindings(config),
    ...proxyFindings(config),
    ...lists.flat(),
    ...ownAddressFindings(config, policy),
    ...signatureFindings(given.unverified ?? new Map()),
    ...needFindings(given.needs),
  ];
  if (isReal) found.push(urgentMailFinding(config, found));
  return [whereFinding(given), ...leftToOthers(found, config)].map(withMeaning);
}

/** Whether the team is reached about what is delicate also while Slack is away. */
function urgentMailFinding(
  { environment: { DESKHAND_URGENT_EMAIL: address }, real }: Config,
  found: readonly Finding[],
): Finding {
  const finding = findingsAbout("email");
  const check = "urgent mail";
  if (address === undefined)
    return finding(
      "warning",
      check,
      "DESKHAND_URGENT_EMAIL is not set: while Slack is away, no teammate is told of a threat",
      "set it to an address that a teammate reads at any hour",
    );
  const canSend = !found.some(
    ({ part, check, state }) =>
      part.startsWith("email") && check.startsWith("SMTP") && state === "problem",
  );
  return real.email && canSend
    ? finding("ok", check, `${address} is mailed about what is delicate`)
    : finding(
        "problem",
        check,
        `nothing can be mailed to ${address}`,
        "connect a mailbox that sends (docs/email.md)",
      );
}

/** A teammate's own mailbox would be read, and what is written to them answered, as if a customer had asked the company. */
function ownAddressFindings({ inboxes }: Config, policy: Policy): readonly Finding[] {
  const remedy =
    "name a mailbox of the company's, such as support@, in SUPPORT_ADDRESS, or take this person out of the policy's roles";
  return inboxes
    .flatMap(({ address, aliases }) => [address, ...aliases])
    .filter((address) => policy.roleOf({ id: address, email: address }) !== null)
    .map((address) => {
      const found = `${address} is a person of the policy, so what others write to them alone would be answered as a customer's mail`;
      return findingsAbout("email")("warning", "support address", found, remedy);
    });
}

/** Servers that other people keep, whose clocks are right: Slack's, Zendesk's, the model's. */
function serversOfOthers({ environment, real }: Config): readonly string[] {
  const { SLACK_API_URL = "https://slack.com/api/", OPENAI_BASE_URL, ZENDESK_URL } = environment;
  return [
    real.slack ? SLACK_API_URL : null,
    ZENDESK_URL ?? null,
    real.model ? (OPENAI_BASE_URL ?? DEFAULT_MODEL_URL) : null,
  ].filter((server) => server !== null);
}

/** Outside the running process the same command may find other things: it has other variables and another role. */
function whereFinding({ config, runsHere }: Examined): Finding {
  const role = `role ${config.environment.DESKHAND_ROLE}, data folder ${config.dataFolder}`;
  const found = runsHere
    ? `inside the running process ${process.pid} (${role}), with the variables it was started with`
    : `beside no running process (${role}), with the variables of this shell`;
  return findingsAbout("process")("ok", "looked at", found);
}

/** An identity that another process signs in with cannot be checked from here; that is no problem of this process. */
function leftToOthers(findings: readonly Finding[], { environment }: Config): readonly Finding[] {
  const others = findings.filter(({ found }) => found.includes(READER_ELSEWHERE));
  if (others.length === 0) return findings;
  const missing = signInProblems({ ...environment, DESKHAND_ROLE: "channels" });
  const also = missing.length === 0 ? "" : `; here ${missing.join("; ")}`;
  return [
    ...findings.filter((finding) => !others.includes(finding)),
    findingsAbout("zendesk")(
      "unknown",
      others.map(({ check }) => check).join(", "),
      `${READER_ELSEWHERE}, and this is the role ${environment.DESKHAND_ROLE}${also}`,
      "type doctor with the DESKHAND_DATA of the process with the role channels, on its machine",
    ),
  ];
}

/** A disk with less room is full for mails. */
const TRIAL_BYTES = 65_536;

/** One process keeps mails that another reads, so all of them must see one folder. */
async function blobsFinding({ blobPlace, config }: Examined): Promise<Finding> {
  const finding = findingsAbout("mails and files");
  const check = "storage";
  try {
    const problem = await blobPlace.problem();
    const remedy = "name one folder or bucket that all processes see in DESKHAND_BLOBS";
    if (problem !== null) return finding("problem", check, problem, remedy);
    const storage = storageAt(configuredBlobPlace(config));
    // A folder without rights, a full disk and a key that may not write show at the first mail otherwise.
    await storage.remove(await storage.put(new Uint8Array(TRIAL_BYTES)));
    return finding("ok", check, `${storage.place} is the one this installation uses`);
  } catch (error) {
    const remedy =
      "check that the folder can be written to and has room, or that the bucket exists and the key may use it";
    return finding("problem", check, reasonOf(error), remedy);
  }
}

/** What no process reads is noticed by no process that only works. For a moment after a kill that is as it should be. */
async function dutiesFinding({
  store,
  connections,
  runsHere,
}: Examined): Promise<readonly Finding[]> {
  if (store.kind === "pglite") return [];
  const finding = findingsAbout("channels");
  const check = "who reads";
  const free = await unreadDuties(store, connections).catch(() => null);
  if (free === null) return [];
  if (free.length === 0) return [finding("ok", check, "everything is read by a process")];
  return [
    finding(
      runsHere ? "problem" : "unknown",
      check,
      `no process reads ${free.join(", ")} now`,
      "start a process with the role channels; if one runs, it takes over within ten seconds, or its log says why not",
    ),
  ];
}

/** Whether nothing is sent to any customer: by the policy, or because no model is set beside a real part. */
function onlyShadows({ real }: Config, policy: Policy): boolean {
  if (!real.model) return true;
  return ChannelName.options.every((channel) =>
    ["", ...policy.topics].every((topic) => policy.replyAutonomy(channel, topic) === "shadow"),
  );
}

/** The people the desk has to find first. */
function policyPeople(policy: Policy, clock: Clock): readonly string[] {
  return [...policy.onDuty(clock.now()), policy.fallbackLead, ...policy.delicate.page];
}

/** Only the role `all` starts stand-ins; beside another role there is none. */
async function notConnected(part: string, variable: string, role: string): Promise<Finding> {
  const instead = role === "all" ? "the sandbox stands in while Deskhand runs" : "it is not used";
  const found = `not connected (${variable}); ${instead}`;
  return findingsAbout(part)("unknown", "connection", found);
}

/** Systems of your own stand in the place of a shop, and are looked at as such. */
async function noShop({ environment, toolsFolders }: Config): Promise<readonly Finding[]> {
  if (toolsFolders.length > 0) return [];
  return [await notConnected("shop", "SHOP_URL", environment.DESKHAND_ROLE)];
}

/** Checks inside the running process, with its own connections. `url` is where its pages answer. */
export function examineRunning(
  given: Omit<Examined, "publicUrl" | "ping" | "runsHere"> & {
    readonly queue: Pick<WakeQueue, "ping">;
    readonly url: string;
  },
): Promise<readonly Finding[]> {
  const { config, queue, url } = given;
  // Only a sandbox is called at the address we listen on.
  const listening = config.real.zendesk ? null : url;
  const publicUrl = config.environment.DESKHAND_PUBLIC_URL ?? listening;
  return examine({ ...given, publicUrl, ping: () => queue.ping(), runsHere: true });
}

/** The same without a running process: reads the configuration here, and a mistake in it is a finding. */
export async function examineHere(environment: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const log = createLog("error");
  try {
    const config = readConfig(environment);
    const { REDIS_URL, DESKHAND_PUBLIC_URL: publicUrl = null } = config.environment;
    const policy = currentPolicy(loadPolicy(readPolicyFile(config), config.policyFile));
    const store = await openedStore(config, log);
    try {
      const clock = { now: () => new Date() };
      const redis = REDIS_URL === undefined ? null : configuredRedisPlace(config.environment, null);
      const ping = redis === null ? null : () => pingAt(redis);
      const connections = await connectedBeside({ config, store, policy, log });
      const blobPlace = sharedPlace(store, storageAt(configuredBlobPlace(config)));
      const own = { policy, ping, publicUrl, blobPlace, runsHere: false, checkTools: null };
      const found = await examine({ config, store, connections, clock, ...own });
      return [...found, ...settingFindings(environment)];
    } finally {
      await store.close();
    }
  } catch (error) {
    // Before an upgrade nothing is wrong with what runs, so this has no meaning for customers.
    if (errorCode(error) === "store.older_schema") return [unopened("database", "schema", error)];
    return [withMeaning(unopened("configuration", "start", error))];
  }
}

async function pingAt(place: RedisPlace): Promise<void> {
  const queue = await openQueue({ ...place, log: createLog("error") });
  try {
    await queue.ping();
  } finally {
    await queue.close(0);
  }
}
