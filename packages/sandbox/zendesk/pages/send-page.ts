/** What every page route needs: sending a page, handling a form, and stamps of what changed. */
import type { Request, Response } from "express";
import { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError } from "#sandbox/zendesk/http/errors.ts";
import { findTicket } from "#sandbox/zendesk/records/tickets.ts";
import type { Markup } from "./html.ts";
import { layout } from "./layout.ts";
import { personaKey, personas, type Side } from "./personas.ts";

/** Sends a page with its header; a page about one ticket watches that ticket only, a fixed one nothing. */
export function sendPage(
  desk: Desk,
  request: Request,
  response: Response,
  page: {
    readonly side: Side;
    readonly title: string;
    readonly content: Markup;
    readonly ticketId?: number;
    readonly isFixed?: boolean;
  },
): void {
  const { side, title, content } = page;
  const watch = watchOf(desk, page);
  const shell = {
    title,
    side,
    personas: personas(desk, side),
    actingAs: personaKey(request, side),
    path: request.path,
    watch,
  };
  response.type("html").send(layout({ ...shell, narrow: side === "customer" }, content));
}

function watchOf(
  desk: Desk,
  { ticketId, isFixed = false }: { readonly ticketId?: number; readonly isFixed?: boolean },
): { readonly address: string; readonly stamp: string } {
  if (isFixed) return { address: "", stamp: "" };
  return ticketId === undefined
    ? { address: "/agent/stamp", stamp: stampOfAll(desk) }
    : { address: `/agent/stamp/${ticketId}`, stamp: stampOf(desk, ticketId) };
}

/** Moves with every change of the ticket. */
export function stampOf(desk: Desk, id: number): string {
  return String(findTicket(desk, id).sequence);
}

/** Moves with every change of any ticket. */
export function stampOfAll(desk: Desk): string {
  return String(Math.max(0, ...desk.tickets.all().map((ticket) => ticket.sequence)));
}

/** The ticket number in the path; no ticket has the number NaN. */
export function idOf(request: Request): number {
  return Number(request.params["id"]);
}

/** What the last form was refused for, or nothing. */
export function problemOf(request: Request): string {
  return typeof request.query["problem"] === "string" ? request.query["problem"] : "";
}

/**
 * Runs `act` and redirects to the path it returns; a refusal is shown on the page the form came from.
 */
export function submit(response: Response, back: string, act: () => string): void {
  try {
    response.redirect(303, act());
  } catch (error) {
    const problem = problemText(error);
    if (problem === undefined) throw error;
    response.redirect(303, `${back}?problem=${encodeURIComponent(problem)}`);
  }
}

const Envelope = z.object({
  details: z.record(z.string(), z.array(z.object({ description: z.string() }))),
});

function problemText(error: unknown): string | undefined {
  if (error instanceof z.ZodError) return error.issues.map((issue) => issue.message).join(" ");
  if (!(error instanceof ApiError) || error.status === 404) return undefined;
  const parsed = Envelope.safeParse(error.body);
  if (!parsed.success) return "This cannot be done.";
  return Object.values(parsed.data.details)
    .flat()
    .map((detail) => detail.description)
    .join(" ");
}
