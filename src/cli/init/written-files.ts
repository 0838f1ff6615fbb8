/**
 * The texts of the files that `deskhand init` writes from the answers: the policy, a safe beginning with its
 * comments, and the variables a process reads.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadPolicy } from "#policy/load-policy.ts";
import { Environment } from "#config/environment.ts";
import { isSecret, type VariableGroup, type Variables } from "#config/environment-file.ts";
import type { Answers, Hours, PartName } from "./answers.ts";
import type { Question } from "./account-questions.ts";
import { QUESTIONS } from "./interview.ts";

/** Its name in the folder Deskhand is started from. */
export const POLICY_FILE = "deskhand.policy.yaml";

/** What the policy needs to know. People are addresses or ids of the desk. */
export type PolicyAnswers = {
  readonly [Part in "company" | "hours" | "money" | "people"]: NonNullable<Answers[Part]>;
};

/**
 * The text of the file. Every channel only shadows, and every action asks; what the answers add is who is asked, how
 * many of them, and what is refused. Throws `policy.invalid` where the answers contradict each other.
 */
export function policyText(answers: PolicyAnswers): string {
  const { company, hours, money, people } = answers;
  const { leads, support = [] } = people;
  const [lead = ""] = leads;
  const changes: readonly (readonly [from: RegExp, to: string])[] = [
    [/^currency: USD$/m, `currency: ${money.currency}`],
    [
      / {6}# A first promotion[\s\S]*?Every refund is approved by a person\.\n/,
      refundRules(answers),
    ],
    [/^ {6}Your support team$/m, `      ${company.name} support team`],
    [/^ {6}Your support team$/m, `      ${company.name} support team`],
    [
      /^ {2}support: \[\]\n {2}lead: \[lead@example\.com\]$/m,
      `  support: ${list(support)}\n  lead: ${list(leads)}`,
    ],
    [/^ {2}zone: UTC$/m, `  zone: ${hours.zone}`],
    [/ {2}open:\n(?: {4}\w+: .*\n){7}/, openingHours(hours.open)],
    [/^ {6}people: \[lead@example\.com\]$/m, `      people: ${list([...leads, ...support])}`],
    [/fallback_lead: lead@example\.com$/m, `fallback_lead: ${quoted(lead)}`],
    [/page: \[lead@example\.com\]$/m, `page: ${list(leads)}`],
  ];
  const text = changes.reduce((before, [from, to]) => {
    if (before.search(from) < 0) throw new Error(`the policy to start from has no ${String(from)}`);
    return before.replace(from, () => to);
  }, startingText());
  // Read at once, so that no file is written that a start would refuse.
  loadPolicy(text, POLICY_FILE);
  return text;
}

/** The policy as it is before anything is known about the company. */
export function startingText(): string {
  return readFileSync(join(import.meta.dirname, "../../policy/files/init.yaml"), "utf8");
}

/**
 * Refunds above what one teammate may approve alone need two people, one of them a lead; a team of one lead alone
 * cannot give that, so the lead decides alone there.
 */
function refundRules({ money, people: { leads, support = [] } }: PolicyAnswers): string {
  const { currency, refunds } = money;
  const { alone, most, days } = refunds;
  const large =
    leads.length + support.length > 1
      ? { approvers: "{ count: 2, leads: 1 }", who: "by two people, one of them a lead" }
      : { approvers: "{ count: 1, leads: 1 }", who: "by a lead" };
  const usual = `      - name: usual
        verdict: ask
        up_to: ${alone}
        within_days: ${days}
        approvers: { count: 1, leads: 0 }
        reason: Refunds up to ${alone} ${currency} are approved by a teammate.
`;
  return `      - name: too_late
        verdict: deny
        after_days: ${days}
        reason: Refunds are possible within ${days} days after delivery, and this order was delivered longer ago.
      - name: too_much
        verdict: deny
        above: ${most}
        reason: Refunds of more than ${most} ${currency} cannot be made here.
      # A first promotion could be a rule here, with its limit under \`limits\` below:
      #   - name: small
      #     verdict: allow
      #     up_to: 10
      #     within_days: ${days}
      #     delivered: true
      #     limits: [small_refunds_for_one]
      #     reason: Refunds up to 10 ${currency} within ${days} days after delivery are made at once.
${alone === 0 ? "" : usual}      - name: large
        verdict: ask
        up_to: ${most}
        within_days: ${days}
        approvers: ${large.approvers}
        reason: ${alone === 0 ? "Refunds" : `Refunds above ${alone} ${currency}`} are approved ${large.who}.
`;
}

function openingHours(open: Hours): string {
  if (open === "always") return "  open: always\n";
  return `  open:\n${Object.entries(open)
    .map(([day, hours]) => `    ${day}: ${hours}\n`)
    .join("")}`;
}

function list(items: readonly string[]): string {
  return `[${items.map(quoted).join(", ")}]`;
}

/** As JSON writes it wherever YAML could read the bare text as something else. */
function quoted(text: string): string {
  return /^[\w.+-]+@[\w.-]+$|^[A-Z][A-Z0-9]+$/.test(text) ? text : JSON.stringify(text);
}

/** Which variable tells that a part is set already. */
const SIGNS: Readonly<Partial<Record<PartName, readonly string[]>>> = {
  hosting: ["DESKHAND_PUBLIC_URL", "DATABASE_URL"],
  slack: ["SLACK_BOT_TOKEN"],
  zendesk: ["ZENDESK_URL"],
  email: ["IMAP_HOST", "MAIL_INBOXES"],
  shop: ["SHOP_URL", "TOOLS"],
  model: ["OPENAI_API_KEY"],
};

/** The variable itself, and for a secret the one that names its file. */
const ways = (name: string): readonly string[] =>
  isSecret(name) ? [name, `${name}_FILE`] : [name];

/** Whether the variables have this part already. Parts of the policy are in its file and never here. */
export function isSetIn(variables: Variables, part: PartName): boolean {
  return (SIGNS[part] ?? []).flatMap(ways).some((name) => (variables[name] ?? "") !== "");
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
      ...Object.entries(questions).flatMap((asked) => answered(asked, answers[part] ?? {})),
      ...(part === "slack" ? slackAddress(answers) : []),
      ...(part === "zendesk" && answers.zendesk !== undefined ? accountVariables(found) : []),
    ],
  })).filter(({ variables }) => variables.length > 0);
}

type Variable = VariableGroup["variables"][number];

/** The variable of one answer, and that of the port behind a server's name; none where nothing was answered. */
function answered(
  [field, { variable, port }]: readonly [string, Question],
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

/**
 * Names of Deskhand's variables that the shell has set, and that are neither in the file nor among the answers: the trial
 * took them from there, and a start from another shell would miss them.
 */
export function shellVariables(
  shell: NodeJS.ProcessEnv,
  file: Variables,
  groups: readonly VariableGroup[],
): readonly string[] {
  const there = { ...file, ...variablesIn(groups) };
  return Object.keys(Environment.shape)
    .flatMap(ways)
    .filter((name) => (shell[name]?.trim() ?? "") !== "" && there[name] === undefined);
}

/** All of them as one environment. */
export function variablesIn(groups: readonly VariableGroup[]): Readonly<Record<string, string>> {
  return Object.fromEntries(groups.flatMap(({ variables }) => variables));
}
