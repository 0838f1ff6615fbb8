/** Turns answers into the variables a process reads. */

import { Environment } from "#config/environment.ts";
import { isSecret, type VariableGroup, type Variables } from "#config/environment-file.ts";
import type { Question } from "./account-questions.ts";
import type { Answers, PartName } from "./answers.ts";
import { POLICY_FILE } from "./policy-text.ts";
import { QUESTIONS } from "./questions.ts";

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
  return QUESTIONS.map(({ part, title, page, questions }) => ({
    heading: page === undefined ? title : `${title} (${page})`,
    variables: [
      ...(part === "hosting" ? [["DESKHAND_POLICY", policyFile] as const] : []),
      ...questions.flatMap((asked) => answered(asked, answers[part] ?? {})),
      ...(part === "slack" ? slackAddress(answers) : []),
      ...(part === "zendesk" && answers.zendesk !== undefined ? accountVariables(found) : []),
    ],
  })).filter(({ variables }) => variables.length > 0);
}

type Variable = VariableGroup["variables"][number];

/** The variable of one answer, and that of the port behind a server's name; none where nothing was answered. */
function answered(
  { field, variable, port }: Question,
  answers: Readonly<Record<string, unknown>>,
): readonly Variable[] {
  const { [field]: answer } = answers;
  const text = Array.isArray(answer) ? answer.join(",") : answer;
  if (variable === undefined || typeof text !== "string" || text === "") return [];
  if (port === undefined) return [[variable, text]];
  const [host = "", number] = text.split(":");
  return [[variable, host], ...(number === undefined ? [] : [[port, number] as const])];
}

/** Only a file names another address of Slack's API; Slack's client wants a slash at its end. */
function slackAddress({ slack }: Answers): readonly Variable[] {
  return slack?.api_url === undefined ? [] : [["SLACK_API_URL", `${slack.api_url}/`]];
}

function accountVariables(found: Variables): readonly Variable[] {
  return Object.entries(found).flatMap(([name, value = ""]) =>
    name.startsWith("ZENDESK_") && value !== "" ? [[name, value] as const] : [],
  );
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
