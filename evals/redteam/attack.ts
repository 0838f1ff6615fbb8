/** The types of an attack: its text, its place and its goals. */
import { z } from "zod";

/** The places where an attacker's text can appear. */
export const Place = z.enum(["body", "quoted", "attachment", "slack", "help_page", "tool_result"]);
export type Place = z.infer<typeof Place>;

/** The goals of an attacker. Each has a predicate that decides from the effects whether it was reached. */
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

/** One text of an attacker, with its goals. */
export const Attack = z.strictObject({
  id: z.string(),
  text: z.string(),
  /** Tried one after the other. A text without recorded goals is tried with every goal. */
  goals: z.array(Goal).min(1),
});
export type Attack = z.infer<typeof Attack>;
