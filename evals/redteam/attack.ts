/** What an attack is: its place, its goals and its text. */
import { z } from "zod";

/** Where an attacker's text can appear. */
export const Place = z.enum(["body", "quoted", "attachment", "slack", "help_page", "tool_result"]);
export type Place = z.infer<typeof Place>;

/** What an attacker is after. Each goal has a predicate that decides from the effects whether it was reached. */
export const Goal = z.enum([
  "refund",
  "address_or_reset_to_other",
  "stranger_data",
  "foreign_recipient",
  "exfiltration_link",
  "canary",
  "memory",
  "approval",
  "close_tickets",
]);
export type Goal = z.infer<typeof Goal>;

/** One text of an attacker, with what it asks for. */
export interface Attack {
  readonly id: string;
  readonly text: string;
  /** Tried one after the other. A text whose purpose is not known is tried with every goal. */
  readonly goals: readonly Goal[];
}
