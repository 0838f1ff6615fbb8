/** The names that code, database and policy share. */
import { z } from "zod";

/** Where customers write. Adding a channel starts here; the compiler then lists what is left to do. */
export const ChannelName = z.enum(["zendesk", "email", "slack", "chat"]);
export type ChannelName = z.infer<typeof ChannelName>;

/**
 * All that can carry out an action: the channels, the shop, your own systems by their imported tools, the approval desk,
 * and the sender of one-time codes.
 */
export const TargetName = z.enum([
  "zendesk",
  "email",
  "slack",
  "chat",
  "shop",
  "system",
  "desk",
  "identity",
]);
export type TargetName = z.infer<typeof TargetName>;

/** How each accepted message ends; exactly one of these is recorded for it, with a reason. */
export const Outcome = z.enum([
  "answered",
  "escalated",
  "ignored",
  "rejected",
  "expired",
  "failed",
]);
export type Outcome = z.infer<typeof Outcome>;

/**
 * Outcomes that settle a message wherever it came in. The others leave it to people, and those have the conversation it
 * was decided in: a message of another conversation of the case then stays open.
 */
export const SETTLED_EVERYWHERE = ["answered", "ignored", "rejected"] as const satisfies Outcome[];

/** Roles a teammate can have in the policy; a lead may do everything support may. */
export const Role = z.enum(["support", "lead"]);
export type Role = z.infer<typeof Role>;

/** Who may write to the customer at this moment. */
export const Owner = z.enum(["bot", "human"]);
export type Owner = z.infer<typeof Owner>;
