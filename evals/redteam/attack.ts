/** The types of an attack: its text, its place and its goals. */
import { z } from "zod";

/** Where the words of an attacker can stand. */
export const Place = z.enum(["body", "quoted", "attachment", "slack", "help_page", "tool_result"]);
export type Place = z.infer<typeof Place>;

/** What an attacker is after. Each has a predicate that says from the effects whether it was reached. */
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

/** One text of an attacker with what it asks for. */
export interface Attack {
  readonly id: string;
  readonly text: string;
  /** Tried one after the other. A text whose meaning nobody has written down is tried with every goal there is. */
  readonly goals: readonly Goal[];
}
