/** The drafted change of a lesson in the editor of help pages or of procedures, for a lead to check and save. */
import type { Request } from "express";
import { nameOfWritten, type PageText } from "#jobs/knowledge/pages.ts";
import { draftChange, type DraftedChange } from "#jobs/lessons/draft-change.ts";
import { digestOf } from "#jobs/procedures/publish.ts";
import { lookedAt, versionsNamed } from "#jobs/procedures/shelf.ts";
import { wholePage } from "#store/console/help-pages.ts";
import { writtenVersions } from "#store/knowledge/written-pages.ts";
import { html, type Html } from "#server/http/html.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { EMPTY, form as pageForm } from "#server/console/knowledge/edit.ts";
import { form as procedureForm } from "#server/console/procedures/edit.ts";
import type { Desk } from "#server/console/visit.ts";
import { lessonNamed } from "./page.ts";
import { NOT_YOURS, PATH, pathOf } from "./words.ts";

const TITLE_MAX = 200;

/** The editor with the draft; the lesson's own page for a change of the policy, which is written in its file. */
export async function writePage(
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
