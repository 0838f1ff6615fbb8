/**
 * Room: measures how well conversations of one case are recognised.
 * In: conversations of customers, each labelled with the case it belongs to.
 * Out: precision and recall over their pairs.
 * May touch: its own file of conversations.
 * This file: reads the labelled conversations.
 */
import { join } from "node:path";
import { z } from "zod";
import { readLabelled } from "#evals/labelled-lines.ts";

const FILE = join(import.meta.dirname, "conversations.jsonl");

const LabelledConversation = z.strictObject({
  /** The case it belongs to, as people see it; two conversations with the same label are one case. */
  case: z.string().min(1),
  channel: z.enum(["email", "zendesk", "chat", "slack"]),
  at: z.iso.datetime(),
  topic: z.string(),
  text: z.string().min(1),
  /** Who proved to write it, where that is not the customer of the line: null for a person who proved nothing. */
  customer: z.string().nullable().optional(),
  shared: z.boolean().default(false),
  brand: z.string().default("ourshop"),
});
export type LabelledConversation = z.infer<typeof LabelledConversation>;

const Customer = z.strictObject({
  /** What the rules were tuned with, and what they are judged by. */
  part: z.enum(["dev", "test"]),
  id: z.string().min(1),
  orders: z.array(z.strictObject({ id: z.string(), item: z.string() })),
  messages: z.array(LabelledConversation).min(2),
});
export type Customer = z.infer<typeof Customer>;

export type Part = Customer["part"];

/** The customers of one part, each with conversations in the order they were begun. */
export function readCustomers(part: Part): readonly Customer[] {
  return readLabelled(FILE, Customer, "customers")
    .filter((customer) => customer.part === part)
    .map((customer) => ({
      ...customer,
      messages: customer.messages.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
    }));
}
