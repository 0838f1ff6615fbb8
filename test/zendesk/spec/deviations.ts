import type { Accepted, Finding } from "./judge.ts";

/** Where the sandbox does otherwise than Zendesk's document says, each with the reason. */
export const DEVIATIONS: readonly Accepted[] = [
  {
    name: "failures",
    reason:
      "the document lists the successes of an endpoint and hardly a failure; accounts answer both",
    covers: ({ status, message }) =>
      status >= 400 && message.startsWith("Unable to match the returned status code"),
  },
  {
    name: "bodies the document leaves out",
    reason: "its text describes a body for these endpoints, its schema has none; clients send one",
    covers: ({ method, path, message }) =>
      message.startsWith("No supported content types") &&
      BODIES_LEFT_OUT.some((pattern) => pattern.test(`${method} ${path.replace("/api/v2", "")}`)),
  },
  {
    name: "the help centre",
    reason: "Zendesk describes it in another document, the one of its help centre",
    covers: ({ path, message }) =>
      path.startsWith("/api/v2/help_center/") && message === "Selected route not found",
  },
  {
    name: "nothing where nothing is set",
    reason:
      "accounts answer null for what a ticket, person, file or setting does not have; the document calls these values plain strings and numbers",
    covers: (finding) =>
      isNull(finding) && NOTHING_SET.has(finding.where.split(".").slice(-2).join(".")),
  },
  {
    name: "token for forms",
    reason: "accounts give it to a signed-in browser, never to a program",
    covers: (finding) => isMissing(finding) && finding.where === "body.user.authenticity_token",
  },
  {
    name: "lists and nothing as values in audits",
    reason:
      "tags change from list to list and a cleared field to null; in the answer to an update the document knows words and numbers only",
    covers: ({ where, value }) =>
      where === "body.audit.events.[].value" && (value === "array" || value === "null"),
  },
  {
    name: "words of a macro for one channel",
    reason:
      "accounts give and take them as a list of channel and words; the document calls every value of an action a string",
    covers: ({ path, where, message }) =>
      path.startsWith("/api/v2/macros") &&
      where.endsWith("actions.[].value") &&
      message.endsWith("must be string"),
  },
  {
    name: "outside the document",
    reason: "webhooks, side conversations and survey responses are described elsewhere",
    covers: ({ in: part, path }) =>
      part === "route" &&
      /^\/api\/v2\/(?:webhooks|guide\/survey|tickets\/\{id\}\/side_conversations)(?:\/|_|s|$)/u.test(
        path,
      ),
  },
];

/** Method and path below `/api/v2` of endpoints whose text has a body and whose schema has not. */
const BODIES_LEFT_OUT = [
  /^POST \/requests$/u,
  /^POST \/tickets\/\{id\}\/satisfaction_rating$/u,
  /^PUT \/suspended_tickets\/\{id\}\/recover$/u,
  /^POST \/oauth\/tokens$/u,
  /^POST \/uploads$/u,
  /^PUT \/tickets\/\{id\}\/mark_as_spam$/u,
  /^PUT \/deleted_tickets\/\{id\}\/restore$/u,
  /^(?:POST|PUT) \/ticket_fields(?:\/\{id\})?$/u,
];

/** The last two steps of the path to a value that may be absent. */
const NOTHING_SET = new Set(
  Object.entries({
    ticket: ["recipient"],
    tickets: ["recipient"],
    request: ["assignee_id", "priority", "type"],
    user: [
      "default_group_id",
      "email",
      "last_login_at",
      "organization_id",
      "phone",
      "photo",
      "shared_phone_number",
    ],
    attachment: ["height", "width"],
    trigger: ["description"],
    ticket_field: ["agent_description"],
  }).flatMap(([record, names]) => names.flatMap((name) => [`${record}.${name}`, `[].${name}`])),
);

function isMissing({ in: part, message }: Finding): boolean {
  return part === "response" && message === "is in the example, not here";
}

function isNull({ in: part, value, message }: Finding): boolean {
  return part === "response" && value === "null" && message.includes(" must be ");
}
