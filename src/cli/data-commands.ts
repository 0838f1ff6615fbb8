/** The commands about stored data: `erase`, `backup`, `restore` and `secrets rotate`, which never prints a value. */
import { existsSync } from "node:fs";
import { type Command, Option } from "commander";
import { z } from "zod";
import {
  erasureLine,
  findPersonTraces,
  erasedAt,
  isWithoutTraces,
  takeOverList,
} from "#jobs/privacy/erase-person.ts";
import { personAsked, stepsByHand } from "#jobs/operating/person-asked.ts";
import {
  eraseListed,
  mentionLine,
  tracesInWords,
  unreadLine,
  type PersonRequest,
} from "#jobs/privacy/person-request.ts";
import { listedErasures } from "#store/privacy/erase-teammate.ts";
import { type PersonName, personPseudonym } from "#store/people/person-names.ts";
import { knownNames } from "#store/people/find-person.ts";
import type { BackedUp } from "#store/backup/backup.ts";
import type { RestoreResult } from "#store/backup/restore.ts";
import { counted, inColumns } from "#core/values/words.ts";
import {
  type SecretFacts,
  secretFacts,
  type SecretName,
  secretsIn,
  addGeneration,
  auditKeyChanges,
} from "#store/db/installation-secrets.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import { DAY_MS, HOUR_MS } from "#core/values/moment.ts";
import { type CommandContext, needed, wholePath, leadIn, namesInForce } from "./command-parts.ts";

interface EraseOptions {
  readonly yes?: boolean;
  /** True where no copy of the list is named. */
  readonly again?: string | true;
  readonly list?: boolean;
}

/** Adds `erase`. */
export function addEraseCommand(program: Command, context: CommandContext): void {
  program
    .command("erase [person]")
    .description(
      "shows what is kept about a person (address, Slack user, customer:…, chat:…, zendesk:…), and with --yes removes it",
    )
    .option("--yes", "removes it; this cannot be undone")
    .option(
      "--again [file]",
      "erases every person in the list of erasures, and in this copy of it, after a restore",
    )
    .option("--list", "prints the list of erasures, to be kept apart from the backups")
    .action(async (person: string | undefined, options: EraseOptions) => {
      const parts = erasureParts(context);
      if (options.list === true) return printList(parts);
      if (options.again !== undefined) {
        const file = options.again === true ? null : wholePath(context, options.again);
        return eraseAgain(parts, file, options.yes === true);
      }
      if (person === undefined) throw new Error("say whom, such as: erase ann@customer.test");
      const { names, inShop } = await personAsked({ ...parts, bind: context.bind ?? null }, person);
      if (inShop !== null) parts.print(inShop);
      requireAllErased(await eraseOne(parts, names, options.yes === true));
    });
}

async function printList({ store, listFile, print }: Parts): Promise<void> {
  await takeOverList(store, listFile);
  const changes = await store.run(auditKeyChanges);
  for (const { name, at } of await store.run(listedErasures)) {
    const made = changes.findLast(({ madeAt }) => madeAt <= at.toISOString());
    print(erasureLine({ at, names: [name] }, made?.madeAt).trimEnd());
  }
}

interface Parts extends PersonRequest, Pick<CommandContext, "print"> {}

function erasureParts({ store, clock, personal, print }: CommandContext): Parts {
  const known = needed(personal);
  return { store, clock, ...known, print };
}

/** Returns the conversations in which something is under way, so that the person is not wholly erased. */
async function eraseOne(
  parts: Parts,
  names: readonly PersonName[],
  yes: boolean,
  until: Date | null = null,
): Promise<readonly string[]> {
  const { print } = parts;
  const found = await findPersonTraces(parts, names, until);
  if (isWithoutTraces(found)) {
    print("Nothing is kept about this person.");
    if (found.mentions.length > 0) print(mentionLine(found));
    return [];
  }
  for (const line of tracesInWords(found)) print(line);
  if (!yes) {
    print("Nothing was changed. To remove it for good, say it again with --yes.");
    return [];
  }
  const { conversations, busy, unread } = await eraseListed(parts, found);
  print(
    `Erased: ${counted(conversations, "conversation")}. ${unreadLine(unread.length)}`.trimEnd(),
  );
  for (const row of unread) print(`  ${row}`);
  for (const line of stepsByHand(parts, found)) print(line);
  return busy;
}

function requireAllErased(busy: readonly string[]): void {
  if (busy.length > 0)
    throw new Error(
      `something is under way in ${counted(busy.length, "conversation")} (${busy.join(", ")}): try again in a minute`,
    );
}

/**
 * Erases again every person in the database's list, in the file of the data folder, and in a file written by `--list` or
 * by another process. These may be newer than a restored database, and their entries are added to the list. Of each, what
 * they left before they were erased: who came back since is a customer or a teammate like any other.
 */
async function eraseAgain(parts: Parts, copy: string | null, yes: boolean): Promise<void> {
  const { print } = parts;
  if (copy !== null && !existsSync(copy)) throw new Error(`${copy} cannot be read`);
  let unrecognised = 0;
  for (const file of new Set([parts.listFile, copy ?? parts.listFile])) {
    const { unread, unknown } = await takeOverList(parts.store, file);
    if (unread > 0)
      print(`Left out, as it cannot be read, of ${file}: ${counted(unread, "line")}.`);
    unrecognised += unknown;
  }
  const listed = await parts.store.run(listedErasures);
  const back = (await parts.store.run(knownNames)).flatMap((name) => {
    const at = erasedAt(listed, parts.secret, name);
    return at === null ? [] : [{ name, at }];
  });
  print(`Of the list, this database has ${counted(back.length, "name")}.`);
  const busy = new Set<string>();
  for (const { name, at } of back)
    for (const conversationId of await eraseOne(parts, [name], yes, at)) busy.add(conversationId);
  requireAllErased([...busy]);
  if (unrecognised > 0)
    throw new Error(
      `Not recognised here: ${counted(unrecognised, "line")} of the list, made after \`secrets rotate audit-names\` with a secret that this database does not have. Whoever is meant may still be kept. Restore a backup that was written after that change, or erase each of them by name.`,
    );
}

/** Adds `backup` and `restore`. */
export function addBackupCommands(program: Command, context: CommandContext): void {
  const { backup, restore, print } = context;
  program
    .command("backup <file>")
    .description(
      "writes the database and the kept mails into one file or to s3://bucket/prefix/name, also while Deskhand runs",
    )
    .action(async (place: string) => {
      print(backedUpText(await needed(backup)(placeFrom(context, place))));
    });
  program
    .command("restore <file>")
    .description("puts a backup in the place of an empty database; Deskhand must not run")
    .option("--replace", "in the place of one that has content, which is lost", false)
    .action(async (place: string, options: { replace: boolean }) => {
      const restored = needed(restore, "Deskhand runs. Stop it first.");
      print(restoredText(await restored(placeFrom(context, place), options)));
    });
}

/** A file, or an object of a bucket. */
function placeFrom(context: CommandContext, typed: string): string {
  return typed.startsWith("s3:") ? typed : wholePath(context, typed);
}

function backedUpText({ name, tables, rows, blobs, gone, takenAt }: BackedUp): string {
  const missing = gone === 0 ? "" : ` (${gone} more were removed meanwhile)`;
  return `Wrote ${name}: ${counted(rows, "row")} of ${counted(tables, "table")} and ${counted(blobs, "mail")}${missing}, as of ${takenAt}. It holds secrets and people's words: keep it where only you can read it.`;
}

function restoredText({ rows, blobs, takenAt, migrated }: RestoreResult): string {
  const moved = migrated.length === 0 ? "" : `, brought to this version (${migrated.join(", ")})`;
  return `Restored ${counted(rows, "row")} and ${counted(blobs, "mail")} as of ${takenAt}${moved}. Erase again who was erased since then before you start Deskhand, which drafts answers to them otherwise: npm run -s deskhand -- erase --again COPY --yes. The next start is paused until a lead resumes it.`;
}

/** Longer tokens are not accepted, whatever is configured. */
const CHAT_HOURS_MAX = 8_760;

/** What a teammate types, and which secret it is. */
const TYPED = {
  "chat-identity": "chatIdentity",
  "mail-links": "mail",
  canary: "canary",
  "audit-names": "audit",
} as const satisfies Record<string, SecretName>;

const TypedName = z.enum(["chat-identity", "mail-links", "canary", "audit-names"]);

/** Adds `secrets rotate`. */
export function addSecretsCommands(program: Command, context: CommandContext): void {
  const { print } = context;
  program
    .command("secrets")
    .description("the secrets this installation uses; no value is ever printed")
    .command("rotate [name]")
    .addOption(new Option("--as <lead>", "address or id of the lead, as in the policy"))
    .description(
      `makes a new secret in place of one that the installation made (${TypedName.options.join(", ")}); requires a lead; without a name, lists them with age and generation`,
    )
    .action(async (typed: string | undefined, { as: lead }: { readonly as?: string }) => {
      if (typed === undefined) return print(await secretTable(context));
      const name = TYPED[typedName(typed)];
      const by = leadIn(await namesInForce(context), lead);
      print(rotatedText(typed, await rotate(context, name, by)));
    });
}

async function secretTable({ store, clock }: CommandContext): Promise<string> {
  const known = await store.run(secretsIn);
  const own = known === null ? [] : secretFacts(known);
  const now = clock.now();
  return inColumns([HEAD, ...own.map((facts) => secretRow(facts, now))]);
}

function rotate(context: CommandContext, name: SecretName, lead: string): Promise<SecretFacts> {
  const { store, clock } = context;
  const personal = needed(
    context.personal,
    "There is no data here, so there is no secret to change.",
  );
  const chatHoursMax = context.chatHoursMax ?? CHAT_HOURS_MAX;
  return store.run(async (transaction) => {
    const by = await personPseudonym(transaction, lead, personal.secret);
    return rotateSecret(transaction, name, { chatHoursMax, by, now: clock.now() });
  });
}

function typedName(typed: string): z.infer<typeof TypedName> {
  const name = TypedName.safeParse(typed);
  if (name.success) return name.data;
  throw new Error(
    `'${typed}' is no secret that the installation made; those are ${TypedName.options.join(", ")}. How to change every other one is in docs/secrets.md. Nothing was changed.`,
  );
}

function rotatedText(typed: string, { generation, formerUntil }: SecretFacts): string {
  const until =
    formerUntil === null
      ? "The one before stays accepted, because what was made with it has no end. Write a backup now: in an older one nobody is recognised who is erased from now on."
      : `The one before is accepted until ${formerUntil.toISOString()}.`;
  return `${typed} has generation ${generation} now. Stop all processes and start them again: each takes it at its next start. ${until}`;
}

const HEAD = ["secret", "generation", "made", "one before accepted until"] as const;

function secretRow(
  { name, generation, madeAt, formerUntil }: SecretFacts,
  now: Date,
): readonly string[] {
  const typed = TypedName.options.find((one) => TYPED[one] === name) ?? name;
  return [
    typed,
    String(generation),
    madeAt === null ? "before this was noted" : `${counted(ageInDays(madeAt, now), "day")} ago`,
    generation === 1 ? "–" : (formerUntil?.toISOString() ?? "without an end"),
  ];
}

function ageInDays(madeAt: Date, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - madeAt.getTime()) / DAY_MS));
}

/** Twice as long as a thread without mail lasts, so a late answer still finds its conversation. */
const MAIL_MS = 180 * DAY_MS;

/** A turn takes minutes; a draft that was written before may wait for its check until its card expires. */
const CANARY_MS = 7 * DAY_MS;

/**
 * How long a secret is accepted after the next one is made, in milliseconds; null without an end. People in the audit
 * and in the list of erasures are found by it alone, and their names are kept nowhere else. `chatHoursMax` is how long a
 * visitor's token may be valid.
 */
function acceptedMs(name: SecretName, chatHoursMax: number): number | null {
  switch (name) {
    case "chatIdentity":
      return chatHoursMax * HOUR_MS;
    case "mail":
      return MAIL_MS;
    case "canary":
      return CANARY_MS;
    case "audit":
      return null;
  }
}

/**
 * Writes the next generation of a secret, and an entry of the audit with its number and who asked, in one transaction.
 * The chain of the audit is hashed without a key, so it verifies as before.
 */
export async function rotateSecret(
  transaction: Transaction,
  name: SecretName,
  given: {
    readonly chatHoursMax: number;
    /** The pseudonym of the lead, made in the same transaction. */
    readonly by: string;
    readonly now: Date;
  },
): Promise<SecretFacts> {
  const facts = await addGeneration(transaction, name, acceptedMs(name, given.chatHoursMax));
  await appendAudit(
    transaction,
    { kind: "secret_rotated", data: { secret: name, generation: facts.generation, by: given.by } },
    given.now,
  );
  return facts;
}
