/** The list of what edits, rejections and teammates' own answers propose to change. */
import { momentText } from "#core/values/moment.ts";
import { decidedLessons, type Lesson, openLessons } from "#jobs/lessons/find-lessons.ts";
import { CHANGE_WORDS } from "#jobs/lessons/lesson-words.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import type { Desk } from "#server/console/visit.ts";
import { NOT_YOURS, PATH, pathOf, searchOf } from "./words.ts";
import { counted } from "#core/values/words.ts";

/** Decided ones beyond these are history that the audit keeps. */
const DECIDED_SHOWN = 30;

/** Lessons that wait for a lead, those of the most conversations first, and what leads decided. */
export async function lessonsPage(desk: Desk, visit: Visit): Promise<PageContent> {
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
