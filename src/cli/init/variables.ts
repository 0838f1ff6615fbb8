/** Turns answers into the variables a process reads. */

import { Environment } from "#config/environment.ts";
import { isSecret, type VariableGroup, type Variables } from "#config/environment-file.ts";
import type { Answers, PartName } from "./answers.ts";
import { POLICY_FILE } from "./policy-text.ts";

/** Which variable tells that a part is set already. */
const SIGNS: Readonly<Partial<Record<PartName, readonly string[]>>> = {
  hosting: ["DESKHAND_PUBLIC_URL", "DATABASE_URL"],
  slack: ["SLACK_BOT_TOKEN"],
  zendesk: ["ZENDESK_URL"],
  email: ["IMAP_HOST", "MAIL_INBOXES"],
  shop: ["SHOP_URL"],
  model: ["OPENAI_API_KEY"],
};

/** Whether the variables have this part already. Parts of the policy are in its file and never here. */
export function isSetIn(variables: Variables, part: PartName): boolean {
  return (SIGNS[part] ?? []).some((name) => (variables[name] ?? "") !== "");
}

/** Parts with variables that a start refuses without the part, and how the names of those begin. */
const BEGINS = { slack: "SLACK_", zendesk: "ZENDESK_" } as const;

/**
 * Without what is set for a part that is named later, such as another address of Slack's API: until its part is known, a
 * try of any other part would be refused for it.
 */
export function withoutLaterParts(
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const later = (["slack", "zendesk"] as const)
    .filter((part) => !isSetIn(variables, part))
    .map((part) => BEGINS[part]);
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => !later.some((begin) => name.startsWith(begin))),
  );
}

/** The variables of each part that was answered, under a heading; `found` are those that an account told us. */
export function variableGroups(
  answers: Answers,
  found: Variables = {},
  policyFile: string = POLICY_FILE,
): readonly VariableGroup[] {
  const groups = [
    group("Where Deskhand runs", {
      DESKHAND_POLICY: policyFile,
      DESKHAND_PUBLIC_URL: answers.hosting?.public_url,
      DATABASE_URL: answers.hosting?.database,
    }),
    group("Slack: where the team decides (docs/slack.md)", slackVariables(answers)),
    group("Zendesk (docs/zendesk.md)", zendeskVariables(answers, found)),
    group("E-mail (docs/email.md)", mailVariables(answers)),
    group("The shop", { SHOP_URL: answers.shop?.url, SHOP_KEY: answers.shop?.key }),
    group("The language model", {
      OPENAI_API_KEY: answers.model?.key,
      OPENAI_BASE_URL: answers.model?.url,
      DESKHAND_MODEL: answers.model?.name,
    }),
  ];
  return groups.filter(({ variables }) => variables.length > 0);
}

/** Say how one process behaves, or where the file itself is; they are no part of an installation. */
const OF_ONE_PROCESS = [
  "DESKHAND_ENV_FILE",
  "DESKHAND_ROLE",
  "DESKHAND_LOG",
  "DESKHAND_SPANS_FILE",
  "DESKHAND_CRASH_AT",
  "DESKHAND_CLOCK_SHIFT_SECONDS",
];

/** What the trial took from the shell, and a start from another shell would miss. */
interface ShellVariables {
  /** To be written with the others; none of them is a secret. */
  readonly kept: VariableGroup;
  /** Names of secrets. They are not written a second time, so every start needs them from its shell. */
  readonly secrets: readonly string[];
}

/** Variables of Deskhand's that the shell has set, and that are neither in the file nor among the answers. */
export function shellVariables(
  shell: NodeJS.ProcessEnv,
  file: Variables,
  groups: readonly VariableGroup[],
): ShellVariables {
  const there = { ...file, ...variablesIn(groups) };
  const missing = Object.keys(Environment.shape).flatMap((name) => {
    const value = shell[name]?.trim() ?? "";
    const isMissing = value !== "" && there[name] === undefined && !OF_ONE_PROCESS.includes(name);
    return isMissing ? [[name, value] as const] : [];
  });
  return {
    kept: {
      heading: "Set in the shell in which init was typed",
      variables: missing.filter(([name]) => !isSecret(name)),
    },
    secrets: missing.flatMap(([name]) => (isSecret(name) ? [name] : [])),
  };
}

/** All of them as one environment. */
export function variablesIn(groups: readonly VariableGroup[]): Readonly<Record<string, string>> {
  return Object.fromEntries(groups.flatMap(({ variables }) => variables));
}

function group(heading: string, variables: Variables): VariableGroup {
  return {
    heading,
    variables: Object.entries(variables).flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, value] as const],
    ),
  };
}

function slackVariables({ slack }: Answers): Variables {
  if (slack === undefined) return {};
  return {
    SLACK_BOT_TOKEN: slack.bot_token,
    SLACK_APP_TOKEN: slack.app_token,
    SLACK_APPROVALS_CHANNEL: slack.approvals_channel,
    SLACK_ALERTS_CHANNEL: slack.alerts_channel,
    SLACK_HELP_CHANNELS: slack.help_channels?.join(","),
    SLACK_API_URL: slack.api_url === undefined ? undefined : `${slack.api_url}/`,
  };
}

function zendeskVariables({ zendesk }: Answers, found: Variables): Variables {
  if (zendesk === undefined) return {};
  const account = Object.entries(found).filter(([name]) => name.startsWith("ZENDESK_"));
  return {
    ZENDESK_URL: zendesk.url,
    ZENDESK_WRITER_CLIENT_ID: zendesk.writer_client_id,
    ZENDESK_WRITER_CLIENT_SECRET: zendesk.writer_client_secret,
    ZENDESK_WRITER_REFRESH_TOKEN: zendesk.writer_refresh_token,
    ZENDESK_READER_CLIENT_ID: zendesk.reader_client_id,
    ZENDESK_READER_CLIENT_SECRET: zendesk.reader_client_secret,
    ...Object.fromEntries(account),
  };
}

function mailVariables({ email }: Answers): Variables {
  if (email === undefined) return {};
  const [imap = "", imapPort] = email.imap.split(":");
  const [smtp = "", smtpPort] = email.smtp.split(":");
  return {
    SUPPORT_ADDRESS: email.address,
    IMAP_HOST: imap,
    IMAP_PORT: imapPort,
    IMAP_USER: email.user ?? email.address,
    IMAP_PASS: email.password,
    SMTP_HOST: smtp,
    SMTP_PORT: smtpPort,
  };
}
