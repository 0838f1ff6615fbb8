/** Everything `deskhand init` wants to know, as a person answers it or as a file gives it. */

import { dirname, resolve } from "node:path";
import { z } from "zod";
import { EMBEDDINGS } from "#config/environment.ts";
import { SecretReference, secretSource } from "#config/secret.ts";
import { type DeskhandError, invalidConfig } from "#core/values/errors.ts";
import { problemLines, readYaml } from "#policy/yaml.ts";
import {
  Address,
  Currency,
  DatabaseAddress,
  Host,
  Mail,
  Name,
  Names,
  OpeningHours,
  Refunds,
  SomeNames,
  slackToken,
  PublicAddress,
  Word,
  ZendeskAddress,
  Zone,
} from "./fields.ts";

/**
 * The fields by the part they belong to. A file has the same names, one mapping for each part; each value is a text,
 * a number, a list of texts, or for a secret `{ env: NAME }` or `{ file: PATH }`.
 */
const Parts = z
  .strictObject({
    company: z.strictObject({ name: Name }),
    hours: z.strictObject({ zone: Zone, open: OpeningHours }),
    money: z.strictObject({ currency: Currency, refunds: Refunds }),
    hosting: z.strictObject({
      public_url: PublicAddress.optional(),
      database: DatabaseAddress.optional(),
    }),
    slack: z.strictObject({
      bot_token: slackToken("xoxb-"),
      app_token: slackToken("xapp-"),
      approvals_channel: Name,
      alerts_channel: Name,
      help_channels: Names.optional(),
      api_url: Address.optional(),
    }),
    people: z.strictObject({ leads: SomeNames, support: Names.optional() }),
    zendesk: z.strictObject({
      url: ZendeskAddress,
      writer_client_id: Word,
      writer_client_secret: Word,
      writer_refresh_token: Word.optional(),
      reader_client_id: Word,
      reader_client_secret: Word,
      admin_token: Word.optional(),
    }),
    email: z.strictObject({
      address: Mail,
      imap: Host,
      smtp: Host,
      user: Name.optional(),
      password: Name,
    }),
    shop: z.strictObject({ url: Address, key: Word }),
    model: z.strictObject({
      key: Word,
      url: Address.optional(),
      name: Name.optional(),
      embeddings: Word.regex(
        EMBEDDINGS,
        "it has to be builtin, off, or openai: and a model",
      ).optional(),
    }),
  })
  .partial();

/** How each field of a part is read, by its name. */
export function fieldsIn(part: PartName): Readonly<Record<string, z.ZodType>> {
  return Parts.shape[part].unwrap().shape;
}

/** What `init` goes on with, as far as it is known. A part is left out when it is set already or not wanted. */
export const Answers = Parts.transform(({ email, ...others }) => ({
  ...others,
  // The mailbox is opened by its address unless another name is said.
  ...(email === undefined ? {} : { email: { ...email, user: email.user ?? email.address } }),
}));
export type Answers = z.infer<typeof Answers>;

/** The parts in the order they are asked in. */
export const PartName = Parts.keyof();
export type PartName = z.infer<typeof PartName>;

/** Parts without which there is no policy. All others may be left out; the sandbox or nothing stands in for them. */
export const NEEDED_PARTS: readonly PartName[] = ["company", "hours", "money", "people"];

/** A file may write numbers and lists where a person types text. */
const Value = z.union([
  z.string(),
  z.number().transform(String),
  z.array(z.string()).transform((list) => list.join(", ")),
  SecretReference,
]);
const AnswersFile = z.partialRecord(PartName, z.record(z.string(), Value));

/**
 * Reads a file of answers, YAML or JSON. Parts for which `isSet` is true may be missing. Throws `config.invalid` with
 * every problem, one line each, which begins with the field; a secret is never part of one.
 */
export function readAnswers(
  text: string,
  path: string,
  {
    environment,
    isSet,
  }: { readonly environment: NodeJS.ProcessEnv; readonly isSet: (part: PartName) => boolean },
): Answers {
  const read = readYaml(text, { schema: AnswersFile, more: () => [] });
  if (read.kind === "invalid") throw invalid(path, problemLines(path, read.problems));
  const missing = NEEDED_PARTS.filter((part) => read.document[part] === undefined && !isSet(part));
  const { parts, unfound } = withSecrets(read.document, path, environment);
  const checked = Answers.safeParse(parts);
  // Where a secret was not found, nothing else can be said about its field.
  const about = new Set(unfound.map(({ field }) => field));
  const others = answerProblems(checked.error).filter(({ field }) => !about.has(field));
  const absent = missing.map((part) => ({ field: part, reason: "is missing" }));
  const problems = [...absent, ...unfound, ...others];
  if (!checked.success || problems.length > 0)
    throw invalid(
      path,
      problems.map(({ field, reason }) => `${field}: ${reason}`),
    );
  return checked.data;
}

/** The fields with the secrets they name, and a line for each that is not there. */
function withSecrets(
  document: z.infer<typeof AnswersFile>,
  path: string,
  environment: NodeJS.ProcessEnv,
) {
  const unfound: AnswerProblem[] = [];
  const folder = (file: string): string => resolve(dirname(path), file);
  const parts = Object.entries(document).map(([part, fields]) => {
    const revealed = Object.entries(fields).map(([field, value]) => {
      if (typeof value === "string") return [field, value];
      const found = secretSource(value, { environment, folder });
      if ("source" in found) return [field, found.source().reveal()];
      unfound.push({ field: `${part}.${field}`, reason: found.reason });
      return [field, ""];
    });
    return [part, Object.fromEntries(revealed)];
  });
  return { parts: Object.fromEntries(parts), unfound };
}

/** What is wrong with an answer, and its field, such as `zendesk.subdomain`. */
interface AnswerProblem {
  readonly field: string;
  readonly reason: string;
}

/** Every problem with the field it is about. */
export function answerProblems(error: z.ZodError | undefined): readonly AnswerProblem[] {
  return (error?.issues ?? []).flatMap((issue) => {
    const field = issue.path.join(".");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        field: field === "" ? key : `${field}.${key}`,
        reason: "is not asked for",
      }));
    return [{ field, reason: issue.code === "invalid_type" ? "is missing" : issue.message }];
  });
}

function invalid(path: string, problems: readonly string[]): DeskhandError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return invalidConfig(
    `${path} has ${count}; nothing was written:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
  );
}
