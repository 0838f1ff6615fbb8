/** Looks at an account as the channel will use it, one thing after another, and says what is missing. */
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { acceptedKeys } from "#core/connection/signing-keys.ts";
import { type Finding, findingsAbout } from "#core/connection/connection-board.ts";
import {
  accountLists,
  GroupRow,
  webhooksTo,
  type WebhookRow,
  GROUPS,
  SUBSCRIPTIONS,
  webhookFor,
  noticeFinding,
  statusFinding,
} from "./account.ts";
import { type ZendeskClient, zendeskClient } from "#zendesk/api/client.ts";
import { zendeskLimiter } from "#zendesk/api/rate-limit.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import {
  probeExport,
  probeTicketRead,
  type OwnUser,
  ownUser,
  readerSelf,
  sharedUserProblem,
  failureStatus,
  writerProblem,
} from "./permissions.ts";
import { z } from "zod";

type Options = Omit<ZendeskOptions, "log" | "cursors" | "pollMs" | "brand">;

interface AccountCheck {
  readonly options: Options;
  readonly writer: ZendeskClient;
  readonly reader: ZendeskClient;
  readonly signal: AbortSignal;
  /** Address under which Zendesk reaches us; null when not configured. */
  readonly publicUrl: string | null;
}

const finding = findingsAbout("zendesk");

const APPLY = "`deskhand init zendesk --apply`";
const INIT = `${APPLY} makes it`;
const GroupAnswer = z.object({ group: GroupRow });

/** Never throws: what cannot be checked is a finding too. Only reads. */
export async function examineZendesk(
  options: Options,
  publicUrl: string | null,
): Promise<readonly Finding[]> {
  const { url, clock, writerToken, readerToken } = options;
  const shared = {
    url,
    clock,
    timeoutMs: 10_000,
    limiter: zendeskLimiter({ url, callsPerMinute: 100 }),
    waitMsMax: 5_000,
  };
  const look: AccountCheck = {
    options,
    publicUrl,
    writer: zendeskClient({ ...shared, token: writerToken }),
    reader: zendeskClient({ ...shared, token: readerToken }),
    signal: AbortSignal.timeout(60_000),
  };
  const { findings, bot } = await writerFindings(look);
  if (findings.some(({ state }) => state === "problem") && bot === null) return findings;
  return [
    ...findings,
    ...(await groupFindings(look, bot)),
    ...(await readerFindings(look, bot)),
    ...(await webhookFindings(look)),
    await noticeFinding(look.reader, look.signal),
    await statusFinding(look.reader, options.statusAfterReply?.() ?? "pending", look.signal),
    await fieldsFinding(look),
    senderFinding(options.senderAuthentication),
    // What an organisation shares is read with each ticket; what one person of it may see is on that person alone.
    finding(
      "unknown",
      "customers who see their organisation's tickets",
      "one allowed to by their own profile reads what a colleague is answered",
      "People: let only organisations share tickets, which Deskhand sees",
    ),
    // An anonymous form takes any address, and Zendesk marks that only in some accounts.
    finding(
      "unknown",
      "help centre sign-in",
      "Zendesk does not tell whether requests need one",
      "Guide settings: switch on “Require sign in”, or anybody may write under a customer's address",
    ),
  ];
}

/** No API tells whether the account authenticates; what counts is the setting. */
function senderFinding(isTrusted: boolean): Finding {
  const [found, remedy] = isTrusted
    ? [
        "mail that Zendesk does not flag counts as proven (level 2), and Zendesk does not tell whether it authenticates",
        "make sure that “Authenticate senders” is on (Admin Center, Channels, Talk and email, Email), or anybody may write under a customer's address",
      ]
    : [
        "a ticket by mail counts as claimed (level 1)",
        "switch on “Authenticate senders” (Admin Center, Channels, Talk and email, Email), then set ZENDESK_SENDER_AUTHENTICATION=on",
      ];
  return finding("unknown", "sender authentication", found, remedy);
}

/** The finding with its remedy: what is missing is made by `init zendesk --apply`, or by `doctor --fix`. */
function mendable(...[state, check, found, remedy]: Parameters<typeof finding>): Finding {
  return { ...finding(state, check, found, remedy), fix: "zendesk_account" };
}

async function writerFindings({ writer: client, signal }: AccountCheck) {
  let user: OwnUser;
  try {
    user = await ownUser({ client, signal });
  } catch (error) {
    const remedy =
      failureStatus(error) === null &&
      !(error instanceof DeskhandError && error.code === "channel.unauthorized")
        ? "check ZENDESK_URL and the way there"
        : "check ZENDESK_URL, and the writer's client, secret and scope (docs/zendesk.md, OAuth clients)";
    return { findings: [finding("problem", "writer", reasonOf(error), remedy)], bot: null };
  }
  const problem = writerProblem(user);
  if (problem !== null || user.id === null)
    return {
      findings: [finding("problem", "writer", problem ?? "", "docs/zendesk.md, Two identities")],
      bot: null,
    };
  const who = `${user.name ?? "?"} <${user.email ?? "no address"}>, ${user.role}`;
  const findings = [
    finding("ok", "writer", who),
    user.ticket_restriction == null
      ? finding("ok", "writer sees tickets of all groups", "no restriction")
      : finding(
          "problem",
          "writer sees tickets of all groups",
          `it sees those by “${user.ticket_restriction}” only`,
          "give its role access to all tickets",
        ),
    await probeFinding("writer may read tickets and their audits", "scope `read`", () =>
      probeTicketRead({ client, signal }),
    ),
    finding("ok", "writer may reply to customers", "a full agent's seat"),
    finding(
      "unknown",
      "writer may write",
      "only a write would show it, and this only reads",
      "the token's scope has to contain `write`",
    ),
  ];
  return { findings, bot: user.id };
}

/** The probe's own refusal, as text. */
async function probeFinding(
  check: string,
  needs: string,
  probe: () => Promise<void>,
): Promise<Finding> {
  try {
    await probe();
    return finding("ok", check, "yes");
  } catch (error) {
    return failureStatus(error) === 403
      ? finding("problem", check, "no: Zendesk answers 403", `needs ${needs}`)
      : finding("problem", check, reasonOf(error), `needs ${needs}`);
  }
}

async function groupFindings(look: AccountCheck, bot: number | null): Promise<Finding[]> {
  const { groups } = look.options;
  const ids = {
    ZENDESK_GROUP_BOT: groups.bot,
    ZENDESK_GROUP_TIER2: groups.tier2,
    ZENDESK_GROUP_SENSITIVE: groups.sensitive,
  };
  return await Promise.all(
    GROUPS.map(({ variable }) => groupFinding(look, { variable, id: ids[variable], bot })),
  );
}

async function groupFinding(
  { writer, signal }: AccountCheck,
  given: { readonly variable: string; readonly id: number; readonly bot: number | null },
): Promise<Finding> {
  const { variable, id, bot } = given;
  const check = `group ${variable}`;
  try {
    const found = await writer.find(({ groups }) => groups.show(id), GroupAnswer, signal);
    if (found === null || found.group.deleted === true)
      return mendable("problem", check, `there is no group ${id}`, `${INIT}; then set ${variable}`);
    const { name } = found.group;
    const members = await accountLists(writer, signal).membersOf(id);
    const others = members.filter(({ user_id }) => user_id !== bot).length;
    const isIn = members.some(({ user_id }) => user_id === bot);
    if (found.group.is_public === false && !isIn) {
      const hidden = `“${name}” is private and the writer is not in it: unless its role sees all groups, what is handed over there is hidden from Deskhand`;
      return mendable("problem", check, hidden, `add it; ${INIT} too`);
    }
    if (variable !== "ZENDESK_GROUP_BOT")
      return others > 0
        ? finding("ok", check, `“${name}”, ${others} ${others === 1 ? "person" : "people"}`)
        : finding("warning", check, `“${name}” has no members`, "add the people who take over");
    return isIn
      ? finding("ok", check, `“${name}”, the writer is in it`)
      : mendable("problem", check, `the writer is not in “${name}”`, `add it; ${INIT} too`);
  } catch (error) {
    return finding("problem", check, reasonOf(error), "needs the scope `read`");
  }
}

async function readerFindings(
  { reader, signal, options }: AccountCheck,
  bot: number | null,
): Promise<Finding[]> {
  // The next check reports an account that cannot be reached.
  const self = await readerSelf({ client: reader, signal }).catch(() => null);
  const shared = sharedUserProblem(bot, self);
  return [
    ...(shared === null
      ? []
      : [finding("problem", "reader", shared, "docs/zendesk.md, Two identities")]),
    await probeFinding(
      "reader may use the incremental export",
      "an admin, with the scope `read`",
      () => probeExport({ client: reader, signal }, options.clock.now()),
    ),
  ];
}

async function webhookFindings({
  reader,
  signal,
  publicUrl,
  options,
}: AccountCheck): Promise<Finding[]> {
  const check = "webhook";
  if (publicUrl === null)
    return [
      finding(
        "warning",
        check,
        "the address Zendesk should call is not known",
        "set DESKHAND_PUBLIC_URL",
      ),
    ];
  const lists = accountLists(reader, signal);
  const { endpoint } = webhookFor(publicUrl);
  try {
    const found = webhooksTo(await lists.webhooks(), endpoint);
    const [webhook] = [...found.filter(({ status }) => status === "active"), ...found];
    if (webhook === undefined)
      return [mendable("problem", check, `none with ticket events calls ${endpoint}`, INIT)];
    const secret = await lists.secretOf(webhook.id);
    return [
      webhook.status === "active"
        ? finding("ok", check, `“${webhook.name}” calls ${endpoint}`)
        : mendable("problem", check, `“${webhook.name}” is switched off`, "switch it on"),
      acceptedKeys(options.webhookSecret).includes(secret)
        ? finding("ok", "webhook secret", "is ours")
        : mendable(
            "problem",
            "webhook secret",
            "is another one than ours, so every call is refused",
            "copy it from the webhook into ZENDESK_WEBHOOK_SECRET",
          ),
      eventsFinding(webhook),
    ];
  } catch (error) {
    return [
      finding(
        "unknown",
        check,
        `it cannot be looked at (${reasonOf(error)})`,
        "let the reader read webhooks, or look in Admin Center",
      ),
    ];
  }
}

function eventsFinding({ subscriptions }: WebhookRow): Finding {
  const missing = SUBSCRIPTIONS.filter((name) => subscriptions?.includes(name) !== true);
  const names = missing.map((name) => name.split(".").at(-1)).join(", ");
  return missing.length === 0
    ? finding("ok", "ticket events", `${SUBSCRIPTIONS.length} subscribed`)
    : mendable(
        "problem",
        "ticket events",
        `not subscribed to ${names}: what they tell is found by the export only, up to two minutes later`,
        `${APPLY} adds them`,
      );
}

async function fieldsFinding({ writer, signal, options }: AccountCheck): Promise<Finding> {
  const check = "triage fields";
  // The sandbox's account is used without any, and its doctor has nothing to complain of.
  if (options.fields === undefined) return finding("ok", check, "none are used here");
  const named = Object.entries(options.fields);
  if (named.length === 0)
    return mendable(
      "warning",
      check,
      "ZENDESK_FIELDS names none, so a hand-over fills in no field",
      `${APPLY} makes them; then set ZENDESK_FIELDS`,
    );
  try {
    const known = new Set((await accountLists(writer, signal).fields()).map(({ id }) => id));
    const gone = named.filter(([, id]) => !known.has(id)).map(([name, id]) => `${name}=${id}`);
    return gone.length === 0
      ? finding("ok", check, named.map(([name]) => name).join(", "))
      : finding("warning", check, `not there: ${gone.join(", ")}`, "correct ZENDESK_FIELDS");
  } catch (error) {
    return finding("unknown", check, reasonOf(error), "needs the scope `read`");
  }
}
