import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";

/** One of the names a person has here: an address, a shop's customer, or an account of a channel. */
export const PersonName = z.strictObject({
  kind: z.enum(["email", "customer", "chat", "slack", "zendesk"]),
  /** In small letters, except where the vendor's ids are told apart by them. */
  value: z.string().min(1).max(320),
});
export type PersonName = z.infer<typeof PersonName>;

const KINDS = PersonName.shape.kind;

/** Slack's ids of users ("U" or "W" and capitals or digits). */
const SLACK_USER = /^[UW][A-Z0-9]{6,}$/;

/**
 * Whom an operator means: an address, a Slack user, or anything else with its kind in front, such as `customer:u123`,
 * `chat:visitor:…` or `zendesk:4711`. A bare word could be a customer of the shop or a user of Zendesk, so both are
 * given, and whoever asked sees what was found before anything happens.
 */
export function personNames(typed: string): readonly PersonName[] {
  const person = typed.trim();
  const [head = "", ...rest] = person.split(":");
  const kind = KINDS.safeParse(head.toLowerCase());
  if (kind.success && rest.length > 0) return [nameOfKind(kind.data, rest.join(":"))];
  if (person.includes("@")) return [nameOfKind("email", person)];
  if (SLACK_USER.test(person)) return [nameOfKind("slack", person)];
  return [nameOfKind("customer", person), nameOfKind("zendesk", person)];
}

function nameOfKind(kind: PersonName["kind"], value: string): PersonName {
  const trimmed = value.trim();
  const spelled = kind === "email" ? trimmed.toLowerCase() : trimmed.replace(/^user:/, "");
  const parsed = PersonName.safeParse({ kind, value: spelled });
  if (!parsed.success) throw new DeskhandError("input.invalid", "that names nobody");
  return parsed.data;
}

/** As it is written in a command line and in the list of erasures. */
export function nameText({ kind, value }: PersonName): string {
  return `${kind}:${value}`;
}

/** The author ids of messages that are this person's. A customer of the shop signs in to the chat as such. */
export function authorIdsOf({ kind, value }: PersonName): readonly string[] {
  switch (kind) {
    case "email":
      return [`email:${value}`, `chat:${value}`];
    case "customer":
    case "chat":
      return [`chat:${value}`];
    case "slack":
      return [`slack:${value}`];
    case "zendesk":
      return [`zendesk:user:${value}`];
    default:
      throw new Error(`unknown kind ${String(kind satisfies never)}`);
  }
}

/** Whom an author id stands for; null for what is no person outside, such as the bot. */
export function nameOfAuthor(authorId: string): PersonName | null {
  const [head = "", ...rest] = authorId.split(":");
  const kind = KINDS.safeParse(head);
  if (!kind.success || rest.length === 0) return null;
  return nameOfKind(kind.data, rest.join(":"));
}

/** The proven users of the chat that are this person: a shop may name its customers there by id or by address. */
export function chatUsersOf({ kind, value }: PersonName): readonly string[] {
  return kind === "email" || kind === "customer" || kind === "chat" ? [value.toLowerCase()] : [];
}

/**
 * Regular expressions, alike for the database and for us, that find a person in the names of mail threads, chats and
 * events, once these are in small letters. They find all of the person's name and never the beginning or the end of
 * another's: `ann@shop.test` is not in `joann@shop.test`, and `chat:u1:…` not in `chat:u1:x:…`.
 */
export function marksOf(name: PersonName): readonly string[] {
  const address = name.kind === "email" ? [name.value.toLowerCase()] : [];
  return [
    ...address.map((one) => `(?<![\\w.%+-])${literal(one)}(?![\\w-]|\\.\\w)`),
    ...chatUsersOf(name).map((user) => `(?<![\\w-])chat:${literal(user)}:${CHAT_ID}(?![\\w-])`),
  ];
}

/** What the random part of a chat's name looks like. */
const CHAT_ID = "[\\w-]{8,100}";

/** A text that a regular expression finds as it is. */
function literal(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}@:_]/gu, "\\$&");
}
