import { z } from "zod";
import { type Desk, stamp } from "./desk.ts";
import { recordInvalid, recordNotFound } from "./errors.ts";
import type { User } from "./model.ts";

/** One thing a macro does. Values are words, or a list with the channel before the words. */
const Action = z.object({ field: z.string(), value: z.union([z.string(), z.array(z.string())]) });

/** For one agent, or for groups; null is for all of the team. */
const Restriction = z.object({
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
  actions: z.array(Action),
  restriction: Restriction.nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Macro = z.infer<typeof Macro>;

/** What a caller may say about a macro. */
export const MacroInput = z.object({
  title: z.string().optional(),
  description: z.string().nullable().optional(),
  active: z.boolean().optional(),
  actions: z.array(Action).optional(),
  restriction: Restriction.nullable().optional(),
});
type MacroInput = z.infer<typeof MacroInput>;

/** Those this person may see, by title: admins all, agents the shared ones, their groups' and their own. */
export function macrosFor(desk: Desk, user: User): Macro[] {
  const groups = new Set(
    desk.memberships
      .all()
      .filter(({ user_id: member }) => member === user.id)
      .map(({ group_id: group }) => group),
  );
  const may = ({ restriction }: Macro): boolean => {
    if (restriction === null || user.role === "admin") return true;
    if (restriction.type === "User") return restriction.id === user.id;
    return (restriction.ids ?? [restriction.id]).some((id) => groups.has(id));
  };
  return desk.macros
    .all()
    .filter(may)
    .toSorted((one, other) => one.title.localeCompare(other.title) || one.id - other.id);
}

/** The macro with this id, as far as this person may see it; 404 otherwise. */
export function findMacro(desk: Desk, user: User, id: number): Macro {
  const macro = macrosFor(desk, user).find((one) => one.id === id);
  if (!macro) throw recordNotFound();
  return macro;
}

/** Makes or changes a macro; `known` is what it was before. */
export function saveMacro(desk: Desk, input: MacroInput, known?: Macro): Macro {
  const title = input.title ?? known?.title ?? "";
  const actions = input.actions ?? known?.actions ?? [];
  if (title.trim() === "") throw recordInvalid("title", "Title: cannot be blank", "BlankValue");
  if (actions.length === 0)
    throw recordInvalid("base", "Macro must contain at least one action", "BlankValue");
  return desk.write(() => {
    const now = stamp(desk.now());
    const macro: Macro = {
      id: known?.id ?? desk.nextId("record"),
      title,
      actions,
      description: input.description === undefined ? (known?.description ?? null) : input.description,
      active: input.active ?? known?.active ?? true,
      restriction: input.restriction === undefined ? (known?.restriction ?? null) : input.restriction,
      position: known?.position ?? desk.macros.all().length + 1,
      created_at: known?.created_at ?? now,
      updated_at: now,
    };
    desk.macros.put(macro);
    return macro;
  });
}

/** A macro as the API shows it. */
export function macroJson(desk: Desk, macro: Macro): Record<string, unknown> {
  return {
    url: `${desk.url()}/api/v2/macros/${macro.id}.json`,
    ...macro,
    raw_title: macro.title,
    default: false,
  };
}

interface Sample {
  readonly id: number;
  readonly title: string;
  readonly actions: Macro["actions"];
  readonly restriction?: Macro["restriction"];
}

/** What the sample shop's team has worded so far: of each kind there is in an account. */
function samples(danaId: number): readonly Sample[] {
  return [
    {
      id: 4_700_000_001,
      title: "Lamps::Flickering with a dimmer",
      actions: [
        { field: "status", value: "pending" },
        {
          field: "comment_value",
          value:
            "Hi {{ticket.requester.first_name}},\n\nflickering nearly always comes from a dimmer made for filament bulbs. Use a trailing-edge dimmer for LED of at most 150 watts, or run the lamp on a plain switch for a day to see whether it stops.\n\nBest regards,\n{{current_user.name}}",
        },
      ],
    },
    {
      id: 4_700_000_002,
      title: "Engraving::How to send the wording",
      actions: [
        {
          field: "comment_value_html",
          value:
            "<p>Hello {{ticket.requester.first_name}},</p><p>for an engraving we need:</p><ul><li>up to 24 letters in one line</li><li>the typeface, Roman or Script</li></ul><p>Engraved goods take three working days longer.</p><p>{{current_user.signature}}</p>",
        },
      ],
    },
    {
      id: 4_700_000_003,
      title: "Workshop::Spare parts for old models",
      actions: [
        {
          field: "comment_value",
          value: [
            "channel:all",
            "Our workshop keeps hinges, glass shades and sockets for ten years after a model has left the range. Tell us the number on the base plate.",
          ],
        },
      ],
    },
    {
      id: 4_700_000_004,
      title: "Close with the state of the ticket",
      actions: [
        {
          field: "comment_value",
          value: "Your request {{ticket.title}} is {{ticket.status}} now. See {{ticket.link}}.",
        },
        { field: "status", value: "solved" },
      ],
    },
    {
      id: 4_700_000_005,
      title: "Dana's own lines",
      actions: [{ field: "comment_value", value: "I am looking into it and write again today." }],
      restriction: { type: "User", id: danaId },
    },
  ];
}

/** Inside a write: puts in the sample macros of an account that never had any. */
export function seedMacros(desk: Desk, danaId: number): void {
  if (desk.secrets.get("macros-seeded")) return;
  // Told by a mark of its own, since the team may have deleted them all.
  desk.secrets.put({ id: "macros-seeded", value: "yes" });
  const created = stamp(desk.now());
  for (const [at, { restriction = null, ...sample }] of samples(danaId).entries())
    desk.macros.put({
      ...sample,
      restriction,
      description: null,
      active: true,
      position: at + 1,
      created_at: created,
      updated_at: created,
    });
}
