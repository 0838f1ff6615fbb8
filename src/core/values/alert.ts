/** What a desk posts beside cards: alerts, with their keys, families and case, and reports. */

import { z } from "zod";
import { digest } from "./canonical-json.ts";

/** How much of the customer's newest message an alert shows. */
export const ALERT_WORDS_MAX = 200;

/**
 * The case an alert is about, for a desk to show with it. It is read when the alert is posted and never stored: so it
 * names the ticket that the same turn opened, an older process posts the alert without it, and the customer's words are
 * kept in one place only.
 */
export const AlertedCase = z.strictObject({
  /** What the button that takes the case over names. */
  conversationId: z.string().min(1),
  /** The customer's name as they gave it. */
  name: z.string().max(120),
  /** The customer's text; empty when there is none. */
  subject: z.string().max(200),
  channel: z.string(),
  /** The beginning of the newest message, masked; empty where the policy keeps it out of alerts. */
  words: z.string().max(ALERT_WORDS_MAX + 1),
  /** When that message came and how long ago, in the team's zone: "21 Nov 02:05, 10 min ago". */
  since: z.string().max(60),
  /** What the customer was told since, in one sentence, and when they expect an answer in another. */
  told: z.string().max(400),
  expects: z.string().max(200),
  /** Where the team works on it. */
  link: z.strictObject({ label: z.string().max(60), url: z.string().max(2_000) }),
  /** False for a case that is solved or that a teammate has: there is nothing to take over. */
  canBeTaken: z.boolean(),
});
export type AlertedCase = z.infer<typeof AlertedCase>;

/** A conversation that was set aside as junk, as the daily list shows it; added when the list is posted. */
export const AlertedJunk = z.strictObject({
  conversationId: z.string().min(1),
  /** Name and subject as the sender gave them. */
  from: z.string().max(120),
  subject: z.string().max(200),
  /** What says so, in our own words. */
  why: z.string().max(300),
  /** False once it was put back to work. */
  isAside: z.boolean(),
});
export type AlertedJunk = z.infer<typeof AlertedJunk>;

/** What an alert is grouped with, so that a desk can keep many of them in one thread. */
export interface AlertFamily {
  readonly conversationId: string;
  /** Its kind, such as `dead-letter`; null for an alert that is shown separately from others of its kind. */
  readonly kind: string | null;
}

/** The names of an alert's families, the closest first: its conversation, then its kind. */
type FamilyNames = readonly string[];

const NAME_LENGTH = 12;
const NO_NAME = "-";

/**
 * The key of an alert: what it is about, then its families. They are part of the key because the arguments of an action
 * are strict: a desk of an older version would refuse an extra argument.
 */
export function alertKey(about: string, family: AlertFamily | null): string {
  const key = `alert:${digest(about).slice(0, 32)}`;
  if (family === null) return key;
  const kind = family.kind === null ? NO_NAME : hashedName(`kind:${family.kind}`);
  return `${key}:${hashedName(`conversation:${family.conversationId}`)}:${kind}`;
}

/** The families an alert's key names; empty for an alert without families. */
export function alertFamilies(key: string): FamilyNames {
  const [, , ...names] = key.split(":");
  return key.startsWith("alert:") ? names.filter((name) => name !== NO_NAME) : [];
}

function hashedName(what: string): string {
  return digest(what).slice(0, NAME_LENGTH);
}

// Reports of metrics, as data and as plain text.

/** Figures for people, rendered by any desk. Headings and lines are ours, but for names of topics. */
export const ReportTables = z.strictObject({
  /** The text of a notification; metrics only. */
  summary: z.string().min(1).max(300),
  title: z.string().min(1).max(140),
  /** Which spans of time are compared. */
  note: z.string().max(500),
  sections: z
    .array(
      z.strictObject({
        heading: z.string().max(100),
        lines: z.array(z.string().max(400)).max(40),
      }),
    )
    .max(15),
});
export type ReportTables = z.infer<typeof ReportTables>;

/** Sends a report to one lead or to a channel of the desk; null is the channel for alerts. */
export const ReportArguments = z.strictObject({
  to: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("person"), name: z.string().min(1) }),
    z.strictObject({ kind: z.literal("place"), name: z.string().nullable() }),
  ]),
  /** The name it is stored by. */
  sheet: ReportTables,
});
export type ReportArguments = z.infer<typeof ReportArguments>;

/** The report as plain text. */
export function reportText({ title, note, sections }: ReportTables): string {
  return [
    title,
    ...(note === "" ? [] : [note]),
    ...sections.flatMap(({ heading, lines }) => ["", heading, ...lines.map((line) => `  ${line}`)]),
  ].join("\n");
}
