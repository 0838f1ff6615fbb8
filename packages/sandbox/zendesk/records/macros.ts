/** Macros of the local Zendesk. */
import { z } from "zod";
import { type Desk, stamp } from "./desk.ts";
import { recordInvalid, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { Macro, MacroAction, MacroRestriction, type User } from "./account-model.ts";

/** What a caller may say about a macro. */
export const MacroInput = z.object({
  title: z.string().optional(),
  description: z.string().nullable().optional(),
  active: z.boolean().optional(),
  actions: z.array(MacroAction).optional(),
  restriction: MacroRestriction.nullable().optional(),
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

/** Makes or changes a macro; `known` is its earlier state. Fields the caller leaves out stay. */
export function saveMacro(desk: Desk, input: MacroInput, known?: Macro): Macro {
  const now = stamp(desk.now());
  const before = known ?? {
    ...BLANK_MACRO,
    position: desk.macros.all().length + 1,
    created_at: now,
  };
  const said = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const after = { ...before, ...said, updated_at: now };
  if (after.title.trim() === "")
    throw recordInvalid("title", "Title: cannot be blank", "BlankValue");
  if (after.actions.length === 0)
    throw recordInvalid("base", "Macro must contain at least one action", "BlankValue");
  return desk.write(() => {
    const macro = Macro.parse({ ...after, id: known?.id ?? desk.nextId("record") });
    desk.macros.put(macro);
    return macro;
  });
}

const BLANK_MACRO = { title: "", description: null, active: true, actions: [], restriction: null };

/** A macro as the API shows it. */
export function macroJson(desk: Desk, macro: Macro): Record<string, unknown> {
  return {
    url: `${desk.url()}/api/v2/macros/${macro.id}.json`,
    ...macro,
    raw_title: macro.title,
    default: false,
  };
}

interface SampleMacro {
  readonly id: number;
  readonly title: string;
  readonly actions: Macro["actions"];
  readonly restriction?: Macro["restriction"];
}

/** What the sample shop's team has worded so far: of each kind there is in an account. */
function sampleMacros(danaId: number): readonly SampleMacro[] {
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
  // Recorded separately, since the team may have deleted them all.
  desk.secrets.put({ id: "macros-seeded", value: "yes" });
  const created = stamp(desk.now());
  for (const [at, { restriction = null, ...sample }] of sampleMacros(danaId).entries())
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
