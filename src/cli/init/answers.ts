/** Everything `deskhand init` wants to know, as a person answers it or as a file gives it, each value parsed. */
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { EMBEDDINGS } from "#config/environment.ts";
import { ModelPrice } from "#config/language-model.ts";
import { SecretReference, secretSource, isProtected, listIn } from "#config/secret.ts";
import { type DeskhandError, invalidConfig } from "#core/values/errors.ts";
import { counted } from "#core/values/words.ts";
import { problemLines, readYaml } from "#policy/yaml.ts";
import { parsedOpenings } from "#policy/calendar.ts";
import { isZone, WeekHours } from "#policy/schema.ts";

const DAYS = WeekHours.keyof().options;
type Day = (typeof DAYS)[number];

/** Opening hours as the policy file has them. */
export type Hours = "always" | Readonly<Record<string, string>>;

/** How much a refund may be, in units of the currency. */
interface RefundLimits {
  /** Up to this amount one teammate approves alone. */
  readonly alone: number;
  /** Nothing above this amount is refunded by Deskhand. */
  readonly most: number;
  /** Days after delivery in which a refund is possible. */
  readonly days: number;
}

/** One line without what a YAML block or a mail header would read as something else. */
const Name = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(80, "is longer than 80 characters")
  .regex(/^[^\p{Cc}]+$/u, "must be one line of text");

/** A secret or a word without spaces, as it is pasted. */
const Word = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(4_000)
  .regex(/^\S+$/, "must not contain spaces");

/** A token of Slack's, by the letters it begins with. */
function slackToken(prefix: string): z.ZodType<string> {
  return Word.refine((text) => text.startsWith(prefix), `must begin with ${prefix}`);
}

/** A time zone by its IANA name. */
const Zone = z
  .string()
  .trim()
  .refine(isZone, "is no time zone; write it like Europe/Berlin, America/New_York or UTC");

/** A currency by its three letters (ISO 4217). */
const Currency = z
  .string()
  .trim()
  .toUpperCase()
  .refine(
    (code) => Intl.supportedValuesOf("currency").includes(code),
    "is no currency; write its three letters, such as USD, EUR or GBP",
  );

/** "mon-fri 09:00-17:00, sat 10:00-14:00", "daily 08:00-20:00" or "always". */
export const OpeningHours = z.string().transform((text, context): Hours => {
  const read = hoursIn(text);
  if (read !== null) return read;
  const message = "must be like “mon-fri 09:00-17:00, sat 10:00-14:00”, or “always”";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** "200, 1000, 30": alone up to, never above, days after delivery. */
export const Refunds = z.string().transform((text, context): RefundLimits => {
  const parts = text.split(/[,;\s]+/).filter((part) => part !== "");
  const [alone = Number.NaN, most = Number.NaN, days = Number.NaN] = parts.map(Number);
  const amounts = [alone, most].every((amount) => amount >= 0 && amount <= 1_000_000);
  const isWhole = Number.isInteger(days) && days >= 0 && days <= 3_650;
  if (parts.length === 3 && amounts && isWhole && alone <= most) return { alone, most, days };
  const message =
    "must be three numbers such as “200, 1000, 30”: alone up to, never above (not less than the first), days after delivery";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** Names with commas between them. */
const Names = z.string().transform(listIn);

/** The same with one name at least. */
const SomeNames = Names.refine((names) => names.length > 0, "must be one person at least");

/** An address of the web, without a slash at its end. */
const Address = z
  .string()
  .trim()
  .pipe(
    z.url({
      protocol: /^https?$/,
      error: "must be an address such as https://desk.example.com",
    }),
  )
  .transform((address) => address.replace(/(?<!\/)\/+$/, ""));

/** The public address: vendors and browsers need TLS. On this machine alone, for a trial, it may be without. */
export const PublicAddress = Address.refine(
  isProtected,
  "must begin with https://: Zendesk and Slack call no other address, and customers' words would cross the network in the clear",
);

/** The address of an account at Zendesk; its first word alone is enough. */
const ZendeskAddress = z
  .string()
  .trim()
  .transform((text) => (/^[a-z0-9][a-z0-9-]*$/i.test(text) ? `https://${text}.zendesk.com` : text))
  .pipe(Address);

const DatabaseAddress = z
  .string()
  .trim()
  .pipe(
    z.url({
      protocol: /^postgres(?:ql)?$/,
      error: "must be like postgres://user:password@host/database",
    }),
  );

const Mail = z.string().trim().pipe(z.email("must be an address such as help@example.com"));

/** A server's name, with its port where that is not the usual one. */
const Host = z
  .string()
  .trim()
  .regex(
    /^[\w.-]{1,253}(?::\d{1,5})?$/,
    "must be a host name such as imap.example.com, or host:port",
  );

/** A word of agreement or refusal. */
export const YesOrNo = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => /^(?:y|yes|n|no)$/.test(text), "must be yes, no or back; ? explains")
  .transform((text) => text.startsWith("y"));

/** One entry: a day, a span of days or "daily", and the times on them. */
const ENTRY = /^(daily|[a-z]{3,9})(?:\s*-\s*([a-z]{3,9}))?\s+((?:\d\d:\d\d\s*-\s*\d\d:\d\d\s*)+)$/;

function hoursIn(text: string): Hours | null {
  const typed = text.trim().toLowerCase();
  if (typed === "always") return "always";
  const open = new Map<Day, readonly string[]>();
  for (const entry of typed.split(",")) {
    const { days, spans } = entryIn(entry.trim());
    if (days.length === 0 || spans.length === 0) return null;
    for (const day of days) open.set(day, [...(open.get(day) ?? []), ...spans]);
  }
  return Object.fromEntries(
    DAYS.map((day) => [day, open.get(day)?.toSorted().join(", ") ?? "closed"]),
  );
}

/** Days and times of one entry; no times where one of them is none. */
function entryIn(entry: string) {
  const [, from = "", to = from, times = ""] = ENTRY.exec(entry) ?? [];
  const spans = [...times.matchAll(/(\d\d:\d\d)\s*-\s*(\d\d:\d\d)/g)].map(
    ([, begin = "", end = ""]) => `${begin}-${end}`,
  );
  const isTime = spans.every((span) => parsedOpenings(span) !== null);
  return { days: from === "daily" ? DAYS : daysBetween(from, to), spans: isTime ? spans : [] };
}

/** The days from one to the other, over the end of the week where need be; none for words that are no days. */
function daysBetween(from: string, to: string): readonly Day[] {
  const [first, last] = [from, to].map((word) => DAYS.findIndex((day) => day.startsWith(word)));
  if (first === undefined || last === undefined || first < 0 || last < 0) return [];
  const count = ((last - first + DAYS.length) % DAYS.length) + 1;
  return Array.from(
    { length: count },
    (_, index) => DAYS[(first + index) % DAYS.length] ?? "monday",
  );
}

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
      price: ModelPrice.optional(),
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
  return invalidConfig(
    `${path} has ${counted(problems.length, "problem")}; nothing was written:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
  );
}
