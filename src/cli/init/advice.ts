/** Names the question beside a variable in an advice, because a person answers questions and sets no variables. */

import type { Finding } from "#core/connection/diagnosis.ts";
import type { PartName } from "./answers.ts";
import { QUESTIONS } from "./questions.ts";

/** The question's field by the variable that holds its answer. */
const FIELDS: Readonly<Record<string, string>> = {
  DATABASE_URL: "database",
  SLACK_BOT_TOKEN: "bot_token",
  SLACK_APP_TOKEN: "app_token",
  SLACK_APPROVALS_CHANNEL: "approvals_channel",
  SLACK_ALERTS_CHANNEL: "alerts_channel",
  SLACK_HELP_CHANNELS: "help_channels",
  SHOP_URL: "url",
  SHOP_KEY: "key",
  OPENAI_API_KEY: "key",
  OPENAI_BASE_URL: "url",
  ZENDESK_URL: "url",
  IMAP_HOST: "imap",
  IMAP_USER: "user",
  IMAP_PASS: "password",
  SMTP_HOST: "smtp",
};

/** The findings of a part, with “Key” behind SHOP_KEY and the like in what is to be done. */
export function withQuestions(part: PartName, findings: readonly Finding[]): readonly Finding[] {
  const questions = QUESTIONS.find((asked) => asked.part === part)?.questions ?? [];
  return findings.map((finding) => ({
    ...finding,
    remedy:
      finding.remedy?.replace(/\b[A-Z]+(?:_[A-Z]+)+\b/g, (name) => {
        const asked = questions.find(({ field }) => field === FIELDS[name]);
        return asked === undefined ? name : `“${asked.ask}” (${name})`;
      }) ?? null,
  }));
}
