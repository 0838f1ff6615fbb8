/**
 * Room: the console's pages about lessons.
 * In: browser requests of leads; their decisions on what three alike differences propose.
 * Out: a list, one page each with the drafted change, and the form in which the lead writes it.
 * May touch: the database.
 * This file: the addresses.
 */

import type { Router, Request, RequestHandler } from "express";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { momentText } from "#core/values/moment.ts";
import { counted } from "#core/values/words.ts";
import { nameOfWritten, type PageText } from "#jobs/knowledge/pages.ts";
import { draftChange, type DraftedChange } from "#jobs/lessons/draft-change.ts";
import {
  decideLesson,
  decidedLessons,
  type Lesson,
  openLessons,
} from "#jobs/lessons/find-lessons.ts";
import { CHANGE_WORDS } from "#jobs/lessons/lesson-words.ts";
import { digestOf } from "#jobs/procedures/publish.ts";
import { lookedAt, versionsNamed } from "#jobs/procedures/shelf.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { EMPTY, form as pageForm } from "#server/console/knowledge/edit.ts";
import { addPages, type Guarded } from "#server/console/page-routes.ts";
import { parseInput } from "#server/console/parse-input.ts";
import { form as procedureForm } from "#server/console/procedures/edit.ts";
import type { Desk } from "#server/console/visit.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { wholePage } from "#store/console/help-pages.ts";
import { writtenVersions } from "#store/knowledge/written-pages.ts";
import { lessonPage, lessonNamed } from "./page.ts";
import { PATH, pathOf, NOT_YOURS, searchOf } from "./words.ts";

/** Adds the list, the page of one lesson, its draft in the editor, and what their buttons send. */
export function addLessonPages(router: Router, desk: Desk, { page, ownPage }: Guarded): void {
  addPages(router, desk, page, {
    "/lessons": lessonsPage,
    "/lessons/:id": lessonPage,
    "/lessons/:id/write": writePage,
  });
  addLessonChanges(router, desk, ownPage);
}

// What the pages about lessons send: a lead's yes and no.

const Nothing = z.strictObject({});
const Reason = z.strictObject({ reason: z.string().trim().min(1).max(300) });

/** Adds the addresses behind the two forms. */
function addLessonChanges(router: Router, desk: Desk, ownPage: readonly RequestHandler[]): void {
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

// The list of what edits, rejections and teammates' own answers propose to change.

/** Decided ones beyond these are history that the audit keeps. */
const DECIDED_SHOWN = 30;

/** Lessons that wait for a lead, those of the most conversations first, and what leads decided. */
async function lessonsPage(desk: Desk, visit: Visit): Promise<PageContent> {
  if (visit.role !== "lead") return { place: PATH, title: "Lessons", body: NOT_YOURS };
  const open = await openLessons(searchOf(desk, visit));
  const decided = await decidedLessons(desk.options.parts.store);
  return {
    place: PATH,
    title: "Lessons",
    tools: html`<p class="soft">
      What teammates did otherwise than drafts in three conversations or more: edits, rejections,
      instructions, ratings and answers of their own. Nothing here changes anything by itself.
      Names, addresses and numbers are left out.
    </p>`,
    body: html`${
      open.length === 0
        ? html`<p class="box soft" id="none">
            Nothing that three conversations show alike waits for a lead.
          </p>`
        : html`<ol class="cases" id="lessons" aria-label="Lessons">
            ${open.map((lesson) => row(lesson, visit))}
          </ol>`
    }${decidedView(decided.slice(0, DECIDED_SHOWN), visit)}`,
  };
}

function decidedView(decided: readonly Lesson[], visit: Visit): HtmlValue {
  if (decided.length === 0) return null;
  return html`<section class="stack" aria-labelledby="decided-title">
    <h2 id="decided-title">Decided</h2>
    <p class="soft">A declined one comes back only when three new conversations show it again.</p>
    <ol class="cases" id="decided">
      ${decided.map((lesson) => row(lesson, visit))}
    </ol>
  </section>`;
}

function row(lesson: Lesson, { zone, now }: Visit): Html {
  const { id, headline, change, topic, conversations, people, newestAt, decided } = lesson;
  const about = [
    CHANGE_WORDS[change],
    topic.replaceAll("_", " "),
    counted(people, "teammate"),
    ...(decided === null
      ? [`last ${momentText(newestAt, zone, now)}`]
      : [`${decided.decision} ${momentText(decided.decidedAt, zone, now)}`]),
    ...(decided === null || decided.decisionReason === "" ? [] : [decided.decisionReason]),
  ];
  return html`<li class="case-row">
    <a class="words" href="${pathOf(id)}">${headline}</a
    ><span class="money">${counted(conversations, "conversation")}</span
    ><span class="meta words">${about.join(" · ")}</span>
  </li>`;
}

// The drafted change of a lesson in the editor of help pages or of procedures, for a lead to check and save.

const TITLE_MAX = 200;

/** The editor with the draft; the lesson's own page for a change of the policy, which is written in its file. */
async function writePage(
  desk: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | string | null> {
  if (visit.role !== "lead") return { place: PATH, title: "Lesson", body: NOT_YOURS };
  const lesson = await lessonNamed(desk, visit, request);
  if (lesson === null) return null;
  const texts = {
    store: desk.options.parts.store,
    policyText: async () => null,
    procedureText: async (name: string) => (await procedureNow(desk, name))?.text ?? null,
  };
  if (lesson.change !== "page" && lesson.change !== "procedure") return pathOf(lesson.id);
  const draft = await draftChange(texts, lesson);
  return {
    place: PATH,
    title: `Draft: ${lesson.headline}`,
    isNarrow: true,
    tools: html`<p class="row"><a href="${pathOf(lesson.id)}">Back to the lesson</a></p>
      <p class="notice">
        Drafted by code from what teammates wrote. Check every sentence; nothing is stored before
        you save.
      </p>`,
    body:
      draft.place === "procedure"
        ? await procedureEditor(desk, draft)
        : await pageEditor(desk, visit, draft),
  };
}

/** The next version of a page that was written here, a copy of another source's page, or a new page. */
async function pageEditor(
  { options: { parts } }: Desk,
  visit: Visit,
  { name: slug, title, after }: DraftedChange,
): Promise<Html> {
  const written = nameOfWritten(slug);
  const [newest] =
    written === null
      ? []
      : await parts.store.run((transaction) => writtenVersions(transaction, written));
  if (newest !== undefined) {
    const text: PageText = { ...newest, body: after, note: "" };
    return pageForm({ text, slug, basis: newest.version, replaces: "" });
  }
  const whole =
    slug === "" ? null : await parts.store.run((transaction) => wholePage(transaction, slug));
  const known = whole === null ? { owner: visit.email } : whole.page;
  const text: PageText = {
    ...EMPTY,
    ...known,
    title: title.slice(0, TITLE_MAX),
    body: after,
    note: "",
  };
  return pageForm({ text, slug: "", basis: 0, replaces: whole === null ? "" : slug });
}

async function procedureEditor(desk: Desk, { name, after }: DraftedChange): Promise<Html> {
  const shelf = desk.options.procedures;
  const draft = name === "" ? null : ((await procedureNow(desk, name))?.draft ?? null);
  const { problems } = await lookedAt(shelf, { name: name === "" ? "new" : name, text: after });
  const basis = draft === null ? "" : digestOf(draft);
  return procedureForm({ name, text: after, basis, problems });
}

/** What an editor of this procedure begins with: its draft, else what is in use or was last, else the file. */
async function procedureNow(
  { options: { procedures: shelf } }: Desk,
  name: string,
): Promise<{ readonly text: string; readonly draft: string | null } | null> {
  const versions = await versionsNamed(shelf, name);
  const draft = versions.find(({ state }) => state === "draft")?.text ?? null;
  const kept = draft ?? versions.find(({ state }) => state === "published")?.text;
  const text = kept ?? shelf.files().find((one) => one.name === name)?.text ?? versions[0]?.text;
  return text === undefined ? null : { text, draft };
}
