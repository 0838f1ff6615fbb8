/**
 * Room: what the channel needs in an account: it sets that up, checks it, and requires it at start.
 * In: an admin's token for setting up; the bot's two credentials for checking.
 * Out: the steps taken and the variables to set; findings for `doctor`; an error when a permission is missing.
 * May touch: groups, fields and webhooks; only `setUpAccount` writes, and only with `apply`.
 */
import { invalidConfig } from "#core/values/errors.ts";
import type { Clock } from "#core/contracts/ports.ts";
import {
  accountLists,
  CreateAnswers,
  webhooksTo,
  type WebhookRow,
  GROUPS,
  type GroupRow,
  TRIAGE_FIELDS,
  webhookFor,
} from "./account.ts";
import { type Ask, type ZendeskClient, zendeskClient } from "#zendesk/api/client.ts";
import { UsersAnswer } from "#zendesk/api/schema.ts";
import { ownUser } from "./permissions.ts";
import { z } from "zod";

/** A change of a webhook is answered with 204. */
const EmptyAnswer = z.object({});

/** What is needed to set an account up. */
export interface SetUpOptions {
  readonly url: string;
  /** A bearer token of an admin, used for this and not kept. */
  readonly adminToken: string;
  /** Address under which Zendesk reaches Deskhand; null where it has none, and then there is no webhook. */
  readonly publicUrl: string | null;
  /** Address of the bot's own agent, who has to exist already. */
  readonly botEmail: string;
  /** True where fields of the team's own are filled in; then none are looked for or made. */
  readonly hasFields: boolean;
  /** When false, nothing is changed. */
  readonly apply: boolean;
  readonly clock: Clock;
}

/** One thing an account needs. */
interface SetUpStep {
  readonly what: string;
  readonly state: "was there" | "created" | "changed" | "would be created" | "would be changed";
  /** True where Deskhand works without it. */
  readonly isOptional?: true;
}

/** What exists now, and the variables that name it. A variable is missing until its resource exists. */
export interface SetUpResult {
  readonly steps: readonly SetUpStep[];
  readonly variables: readonly (readonly [name: string, value: string])[];
}

interface SetUpRun {
  readonly client: ZendeskClient;
  readonly signal: AbortSignal;
  readonly options: SetUpOptions;
  readonly lists: ReturnType<typeof accountLists>;
  readonly steps: SetUpStep[];
  readonly variables: [string, string][];
}

/**
 * Finds groups by name, fields by their key and the webhook by its address, and makes what is missing. A second run
 * makes nothing. What an admin changed stays, except a webhook that was switched off.
 */
export async function setUpAccount(options: SetUpOptions): Promise<SetUpResult> {
  const { url, clock } = options;
  const token = async (): Promise<string> => options.adminToken;
  const client = zendeskClient({ url, token, clock, callsPerMinute: 120, waitMsMax: 60_000 });
  const signal = AbortSignal.timeout(120_000);
  const { role } = await ownUser({ client, signal });
  if (role !== "admin")
    throw invalidConfig(
      "ZENDESK_ADMIN_TOKEN: is no admin's; only admins create webhooks and fields",
    );
  const lists = accountLists(client, signal);
  const work: SetUpRun = { client, signal, options, lists, steps: [], variables: [] };
  const botId = await findBot(work);
  await setUpGroups(work, botId);
  if (!options.hasFields) await setUpFields(work);
  if (options.publicUrl !== null) await setUpWebhook(work, options.publicUrl);
  return { steps: work.steps, variables: work.variables };
}

async function findBot({ client, signal, options }: SetUpRun): Promise<number> {
  const query = `email:${options.botEmail}`;
  const ask: Ask = (account) => account.users.search({ query });
  const { users } = await client.get(ask, UsersAnswer, signal);
  const bot = users.find(({ email }) => email?.toLowerCase() === options.botEmail.toLowerCase());
  if (bot === undefined || bot.role === "end-user")
    throw invalidConfig(
      `--bot: ${options.botEmail} is no agent of this account. Add the bot as an agent of its own first (Admin Center, People, Team members)`,
    );
  return bot.id;
}

/** What was there, or else what is made. Null where it is not there and only would be. */
async function ensured<Found, Made extends z.ZodType>(
  work: SetUpRun,
  what: string,
  found: Found | undefined,
  create: { readonly ask: Ask; readonly answer: Made },
  how?: { readonly isOptional: boolean },
): Promise<Found | z.output<Made> | null> {
  if (found !== undefined) {
    work.steps.push({ what, state: "was there" });
    return found;
  }
  const run = () => work.client.write(create.ask, create.answer, work.signal);
  return runStep(work, what, "created", run, how);
}

/** Carries a step out, or only says that it would be. */
async function runStep<Result>(
  { options, steps }: SetUpRun,
  what: string,
  kind: "created" | "changed",
  run: () => Promise<Result>,
  { isOptional = false } = {},
): Promise<Result | null> {
  const state = options.apply ? kind : (`would be ${kind}` as const);
  steps.push({ what, state, ...(isOptional ? { isOptional } : {}) });
  return options.apply ? await run() : null;
}

async function setUpGroups(work: SetUpRun, botId: number): Promise<void> {
  const { lists, variables } = work;
  const known = (await lists.groups()).filter(({ deleted }) => deleted !== true);
  for (const { variable, name, description } of GROUPS) {
    const ask: Ask = ({ groups }) => groups.create({ group: { name, description } });
    const group = await ensured(
      work,
      `group “${name}”`,
      known.find((one) => one.name === name),
      { ask, answer: CreateAnswers.group },
    );
    if (group === null) continue;
    variables.push([variable, String(group.id)]);
    // Tickets of a private group are hidden from agents outside it.
    if (variable === "ZENDESK_GROUP_BOT" || group.is_public === false)
      await joinGroup(work, botId, group);
  }
}

async function joinGroup(
  work: SetUpRun,
  user_id: number,
  { id: group_id, name }: z.output<typeof GroupRow>,
): Promise<void> {
  const members = await work.lists.membersOf(group_id);
  const found = members.find((member) => member.user_id === user_id);
  await ensured(work, `the bot in the group “${name}”`, found, {
    ask: ({ groupmemberships }) =>
      groupmemberships.create({ group_membership: { user_id, group_id } }),
    answer: CreateAnswers.membership,
  });
}

async function setUpFields(work: SetUpRun): Promise<void> {
  const known = await work.lists.fields();
  const named: string[] = [];
  for (const { name, key, title } of TRIAGE_FIELDS) {
    const agent_description = `Filled in by Deskhand (${key})`;
    const body = { ticket_field: { type: "text", title, agent_description } };
    const ask: Ask = ({ ticketfields }) => ticketfields.create(body);
    const create = { ask, answer: CreateAnswers.field };
    const what = `ticket field “${title}”`;
    // A person may have changed its title.
    const found = known.find((one) => one.agent_description?.includes(key) === true);
    const field = await ensured(work, what, found, create, { isOptional: true });
    if (field !== null) named.push(`${name}=${field.id}`);
  }
  if (named.length === TRIAGE_FIELDS.length)
    work.variables.push(["ZENDESK_FIELDS", named.join(",")]);
}

async function setUpWebhook(work: SetUpRun, publicUrl: string): Promise<void> {
  const { lists, variables } = work;
  const wanted = webhookFor(publicUrl);
  const what = `webhook to ${wanted.endpoint} (subscribed to ticket events)`;
  const [found] = webhooksTo(await lists.webhooks(), wanted.endpoint);
  const missing = wanted.subscriptions.filter(
    (name) => found?.subscriptions?.includes(name) !== true,
  );
  const isWhole = found === undefined || (found.status === "active" && missing.length === 0);
  if (!isWhole) await updateWebhook(work, found, missing);
  const ask: Ask = ({ webhooks }) => webhooks.create({ webhook: wanted });
  const create = { ask, answer: CreateAnswers.webhook };
  const webhook = isWhole ? await ensured(work, what, found, create) : found;
  if (webhook !== null)
    variables.push(["ZENDESK_WEBHOOK_SECRET", await lists.secretOf(webhook.id)]);
}

/** Switches a webhook on, and adds missing subscriptions; its other settings stay. */
async function updateWebhook(work: SetUpRun, found: WebhookRow, missing: readonly string[]) {
  const { client, signal } = work;
  const { id, name, endpoint } = found;
  const fixed = { http_method: "POST", request_format: "json", status: "active" };
  const subscriptions = [...(found.subscriptions ?? []), ...missing];
  const body = { webhook: { ...fixed, name, endpoint, subscriptions } };
  const ask: Ask = ({ webhooks }) => webhooks.update(id, body);
  const what =
    found.status === "active"
      ? `webhook that was not told of ${missing.map((one) => one.split(".").at(-1)).join(", ")}`
      : "webhook that was switched off";
  await runStep(work, what, "changed", () => client.write(ask, EmptyAnswer, signal));
}
