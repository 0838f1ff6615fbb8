/** The stored shape of a macro. */
import { z } from "zod";

/** One action of a macro. Its value is a text, or a list of channel and text. */
export const MacroAction = z.object({
  field: z.string(),
  value: z.union([z.string(), z.array(z.string())]),
});

/** For one agent, or for groups; null is for all of the team. */
export const MacroRestriction = z.object({
  type: z.enum(["User", "Group"]),
  id: z.number(),
  ids: z.array(z.number()).optional(),
});

/** An answer the team has worded beforehand, with what using it does to a ticket. */
export const Macro = z.object({
  id: z.number(),
  title: z.string(),
  description: z.string().nullable(),
  active: z.boolean(),
  position: z.number(),
  actions: z.array(MacroAction),
  restriction: MacroRestriction.nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Macro = z.infer<typeof Macro>;
