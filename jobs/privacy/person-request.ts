/** What a person may ask for of what is kept about them: to see it, to have it as a file, and to have it erased. */

import { appendFileSync } from "node:fs";
import { currentKey } from "#core/connection/signing-keys.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { invalidInput } from "#core/values/errors.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { counted } from "#core/values/words.ts";
import type { Store } from "#store/db/database.ts";
import { auditKeyChanges } from "#store/db/installation-secrets.ts";
import {
  nameText,
  personAuthorIds,
  personNames,
  type PersonName,
} from "#store/people/person-names.ts";
import { listErasures } from "#store/privacy/erase-teammate.ts";
import {
  erasePerson,
  erasureLine,
  findPersonTraces,
  isWithoutTraces,
  listedName,
  type PersonalData,
  type PersonTraces,
} from "./erase-person.ts";

/** What such a request works with. */
export interface PersonRequest extends PersonalData {
  readonly store: Store;
  readonly clock: Clock;
}

/** The names a person was asked for by. Throws `input.invalid` where they match two people. */
export async function namesAsked(
  parts: Pick<PersonRequest, "store">,
  typed: string,
): Promise<readonly PersonName[]> {
  const names = personNames(typed);
  const found: PersonName[] = [];
  for (const name of names)
    if (!isWithoutTraces(await findPersonTraces(parts, [name]))) found.push(name);
  if (found.length > 1)
    throw invalidInput(
      `${typed} could be two people: say ${found.map((name) => nameText(name)).join(" or ")}`,
    );
  return found.length === 0 ? names.slice(0, 1) : found;
}

/** Erases a person, who is in the list of erasures before, also if it is interrupted: with the time up to which it is. */
export async function eraseListed(
  parts: PersonRequest,
  traces: PersonTraces,
): ReturnType<typeof erasePerson> {
  const at = traces.person.until ?? parts.clock.now();
  const names = traces.person.names.map((name) => listedName(parts.secret, name));
  await parts.store.run(
    listErasures,
    names.map((name) => ({ name, at })),
  );
  // Also outside the database, which may be restored to an older state.
  const changes = await parts.store.run(auditKeyChanges);
  // This process may still work with the secret before the last change.
  const made = changes.find(({ value }) => value === currentKey(parts.secret));
  const line = erasureLine({ at, names }, made?.madeAt);
  appendFileSync(parts.listFile, line, { mode: 0o600 });
  return erasePerson(parts, traces);
}

/** What there is of a person, counted, a line each. */
export function tracesInWords({
  person,
  extent,
  teammate,
  codes,
  rehearsed,
  ...found
}: PersonTraces): readonly string[] {
  const shared = person.places.filter(({ since }) => since !== null).length;
  return [
    `Found as ${person.names.map((name) => nameText(name)).join(", ")}${person.called.length > 0 ? `, called ${person.called.join(", ")}` : ""}`,
    `  ${counted(person.places.length, "conversation")}, ${shared} of them shared with others, whose own words stay`,
    `  ${counted(extent.messages, "message")}, ${counted(extent.mails, "raw mail")}, ${counted(extent.turns, "trace")}`,
    `  ${counted(extent.cards, "card")}, ${extent.waiting} of them waiting: those become void`,
    `  ${counted(extent.effects, "effect")}, ${extent.open} of them open: what has not begun is taken back`,
    ...(codes === 0 ? [] : [`  ${counted(codes, "row")} about one-time codes for their address`]),
    ...(rehearsed === 0 ? [] : [`  ${counted(rehearsed, "past ticket")} that a rehearsal played`]),
    ...(teammate.ended + teammate.counting + teammate.written + teammate.passes === 0
      ? []
      : [
          `  as a teammate: decisions ${teammate.ended}, texts, switches and opinions ${teammate.written}, sign-ins ${teammate.passes}; decisions that still count and stay until their card has ended: ${teammate.counting}`,
        ]),
    ...(found.mentions.length > 0 ? [mentionLine({ mentions: found.mentions })] : []),
  ];
}

/** Where others wrote the person's address. */
export function mentionLine({ mentions }: Pick<PersonTraces, "mentions">): string {
  return `  The address also stands in others' words, which stay: ${mentions.join(", ")}`;
}

/** Says of what was erased that nobody knows what it was; empty where all of it was understood. */
export function unreadLine(rows: number): string {
  return rows === 0
    ? ""
    : `${counted(rows, "row")} of it could not be read, as if a newer Deskhand had written it: of these, all text was removed.`;
}

/** What Deskhand cannot remove. */
export function manualSteps(
  { spansFile, listFile }: Pick<PersonalData, "spansFile" | "listFile">,
  { alerts }: PersonTraces,
): readonly string[] {
  return [
    "What Deskhand cannot remove, and you have to:",
    "  - the mailbox: the person's mails and the answers sent to them",
    "  - Zendesk: their user and tickets (Zendesk has a deletion for people of its own)",
    "  - Slack: their messages, and threads in which they are named; the cards there are emptied by themselves,",
    "    the text files in the threads of long ones are not",
    ...(alerts.length > 0
      ? [`    alerts that may name them stand at ${alerts.slice(0, 50).join(", ")}`]
      : []),
    "  - the shop: the customer and their orders",
    "  - the model's provider, if it keeps what it was asked",
    "  - webhooks' receivers and your own systems: words, names and addresses that were sent to them",
    ...(spansFile === null
      ? []
      : [`  - ${spansFile} and wherever it is collected: excerpts of their turns`]),
    "  - logs, exports of candidate cases, and backups: put one back only together with",
    `    deskhand erase --again ${listFile} --yes (keep that file apart from the backups)`,
  ];
}

/** What was written with a person, for them: in what is theirs alone everything public, elsewhere their own words. */
export function personFile(
  { store }: Pick<PersonRequest, "store">,
  { person }: PersonTraces,
): Promise<object> {
  const own = new Set(person.names.flatMap((name) => personAuthorIds(name)));
  return store.run(async (transaction) => {
    const conversations = [];
    for (const { conversationId, since } of person.places) {
      const stored = await conversationMessages(transaction, conversationId, null);
      const messages = stored
        .map(({ message }) => message)
        .filter(
          ({ visibility, author }) =>
            visibility === "public" && (since === null || own.has(author.id)),
        )
        .map(({ author, sentAt, subject, text }) => ({ from: author.name, sentAt, subject, text }));
      conversations.push({ conversationId, messages });
    }
    return {
      names: person.names.map((name) => nameText(name)),
      called: person.called,
      conversations,
    };
  });
}
