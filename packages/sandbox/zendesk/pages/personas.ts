/** The people a visitor of the pages can act as. */
import type { Request, Response } from "express";
import { z } from "zod";
import { type Actor, systemOf, viaOf } from "#sandbox/zendesk/behaviour/actor.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import { USER_IDS } from "#sandbox/zendesk/records/seed.ts";
import type { Persona } from "./layout.ts";

const AGENTS = ["dana", "lee", "sam", "lea"] as const;
const CUSTOMERS = ["ann", "bob", "cara"] as const;

/** Which half of the pages: the team's, or the customers'. */
export type Side = "agent" | "customer";

/** The people a visitor of this side can act as. */
export function personas(desk: Desk, side: Side): Persona[] {
  const keys = side === "agent" ? AGENTS : CUSTOMERS;
  return keys.map((key) => {
    const user = desk.users.get(USER_IDS[key]);
    return { key, label: `${user?.name ?? key}${user?.tags.includes("lead") ? " (lead)" : ""}` };
  });
}

/** The persona a visitor acts as. Each side keeps it in a cookie of its own, so that one browser can show both. */
export function personaKey(
  request: Request,
  side: Side,
): (typeof AGENTS)[number] | (typeof CUSTOMERS)[number] {
  const [, chosen] =
    new RegExp(`(?:^|;\\s*)${side}=([a-z]+)`, "u").exec(request.get("cookie") ?? "") ?? [];
  const keys = side === "agent" ? AGENTS : CUSTOMERS;
  return keys.find((key) => key === chosen) ?? keys[0];
}

/** The user behind the chosen persona. */
export function personaUser(desk: Desk, request: Request, side: Side): User {
  const user = desk.users.get(USER_IDS[personaKey(request, side)]);
  if (!user) throw recordNotFound();
  return user;
}

/** The chosen persona as the author of a change made on a page. */
export function actorFor(desk: Desk, request: Request, side: Side): Actor {
  const system = systemOf(request.get("user-agent"), request.ip);
  return { user: personaUser(desk, request, side), via: viaOf("web"), system };
}

const PersonaForm = z.object({
  side: z.enum(["agent", "customer"]),
  persona: z.enum([...AGENTS, ...CUSTOMERS]),
  /** Only a path of the sandbox, so that the form is no open redirect. */
  back: z.string().regex(/^\/(agent|hc)(\/[\w/-]*)?$/u),
});

/** Stores the choice and goes back to the page it was made on. */
export function choosePersona(request: Request, response: Response): void {
  const form = PersonaForm.safeParse(request.body);
  if (!form.success) return response.redirect(303, "/agent");
  const { side, persona, back } = form.data;
  response.cookie(side, persona, { httpOnly: true, sameSite: "lax", path: "/" });
  response.redirect(303, back);
}
