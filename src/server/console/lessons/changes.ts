/** What the pages about lessons send: a lead's yes and no. */
import type { Request, RequestHandler, Router } from "express";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { decideLesson } from "#jobs/lessons/decide-lesson.ts";
import { parseInput } from "#server/console/parse-input.ts";
import type { Desk } from "#server/console/visit.ts";
import { lessonNamed } from "./page.ts";
import { PATH, pathOf } from "./words.ts";

const Nothing = z.strictObject({});
const Reason = z.strictObject({ reason: z.string().trim().min(1).max(300) });

/** Adds the addresses behind the two forms. */
export function addLessonChanges(
  router: Router,
  desk: Desk,
  ownPage: readonly RequestHandler[],
): void {
  router.post("/lessons/:id/accept", ...ownPage, async (request, response) => {
    parseInput(Nothing, request.body);
    const { id, change } = await decide(desk, request, { decision: "accepted", reason: "" });
    const isWritten = change === "page" || change === "procedure";
    response.json({ address: isWritten ? `${pathOf(id)}/write` : pathOf(id) });
  });
  router.post("/lessons/:id/decline", ...ownPage, async (request, response) => {
    const { reason } = parseInput(Reason, request.body);
    await decide(desk, request, { decision: "declined", reason });
    response.json({ address: PATH });
  });
}

async function decide(
  desk: Desk,
  request: Request,
  given: { readonly decision: "accepted" | "declined"; readonly reason: string },
) {
  const { session, options } = desk;
  const { teammate, role } = await session.teammate(request);
  if (role !== "lead")
    throw new DeskhandError("input.forbidden", "only a lead can decide on lessons");
  const { parts } = options;
  const at = parts.clock.now();
  const lesson = await lessonNamed(desk, { now: at }, request);
  if (lesson === null) throw new DeskhandError("input.invalid", "this lesson is not kept any more");
  const email = teammate.email ?? teammate.id;
  await decideLesson(parts.store, lesson, {
    ...given,
    // What a lead types is kept beyond the conversation.
    reason: parts.guard.mask(given.reason),
    at,
    pseudonym: (transaction) => parts.pseudonym(transaction, email),
  });
  return lesson;
}
