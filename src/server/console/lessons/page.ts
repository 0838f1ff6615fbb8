/** The page of one lesson: what teammates did, the drafted change, what it would flip, and a lead's decision. */
import type { Request } from "express";
import { z } from "zod";
import { momentText } from "#core/values/moment.ts";
import { draftChange, type DraftedChange } from "#jobs/lessons/draft-change.ts";
import { type Lesson, lessonWith } from "#jobs/lessons/find-lessons.ts";
import { CHANGE_WORDS, DIFFERED_WORDS, KIND_WORDS } from "#jobs/lessons/lesson-words.ts";
import { type Replay, replayChange } from "#jobs/lessons/replay.ts";
import type { DifferenceRow } from "#store/reports/draft-differences.ts";
import { lineDifference } from "#text/diff.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { linesView } from "#server/console/line-difference.ts";
import { named, type Desk } from "#server/console/visit.ts";
import { NOT_YOURS, PATH, pathOf, searchOf, textsOf } from "./words.ts";
import { counted } from "#core/values/words.ts";

const Id = z.coerce.number().int().min(1).catch(0);
const DIFFERENCES_SHOWN = 20;
const FLIPS_SHOWN = 20;

/** The lesson that an address names, for a lead; null where there is none. */
export function lessonNamed(
  desk: Desk,
  visit: Pick<Visit, "now">,
  request: Request,
): Promise<Lesson | null> {
  return lessonWith(searchOf(desk, visit), Id.parse(named(request, "id")));
}

/** Null where no difference of this number is kept. */
export async function lessonPage(
  desk: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | null> {
  if (visit.role !== "lead") return { place: PATH, title: "Lesson", body: NOT_YOURS };
  const lesson = await lessonNamed(desk, visit, request);
  if (lesson === null) return null;
  const draft = await draftChange(textsOf(desk), lesson);
  const replay = await replayChange(desk.options.parts.store, lesson, draft);
  const { headline, change, topic, conversations, people } = lesson;
  return {
    place: PATH,
    title: headline,
    tools: html`<p class="row">
      <a href="${PATH}">All lessons</a
      ><span class="soft"
        >${CHANGE_WORDS[change]} · ${topic.replaceAll("_", " ")} ·
        ${counted(conversations, "conversation")}, ${counted(people, "teammate")}</span
      >
    </p>`,
    body: html`${draftView(draft)} ${replayView(replay)} ${decisionView(lesson, draft, visit)}
    ${differencesView(lesson, visit)}`,
  };
}

function draftView({ title, before, after, notes, name, place }: DraftedChange): Html {
  const isNew = place !== "policy" && name === "";
  return html`<section class="box stack" aria-labelledby="change-title" id="change">
    <h2 id="change-title">${isNew ? `A new ${place}: ${title}` : title}</h2>
    <p class="soft">Drafted by code from the teammates’ words; no AI.</p>
    ${after === before ? "" : linesView(lineDifference(before, after))}
    ${
      notes.length === 0
        ? ""
        : html`<ul>
            ${notes.map((note) => html`<li class="words">${note}</li>`)}
          </ul>`
    }
  </section>`;
}

function replayView({ flips, words }: Replay): Html {
  const shown = flips?.slice(0, FLIPS_SHOWN) ?? [];
  const more = (flips?.length ?? 0) - shown.length;
  return html`<section class="box stack" aria-labelledby="flips-title" id="flips">
    <h2 id="flips-title">What it would flip</h2>
    <p class="words">${words}</p>
    ${
      shown.length === 0
        ? ""
        : html`<ul class="row">
            ${shown.map(
              ({ card, conversationId }) =>
                html`<li>
                  <a class="words" href="/console/case/${conversationId}#${card}"
                    >${conversationId.slice(0, 10)}</a
                  >
                </li>`,
            )}
          </ul>`
    }
    ${more > 0 ? html`<p class="soft">and ${more} more</p>` : ""}
  </section>`;
}

/** What accepting leads to, in words for the lead who does it. */
function nextStep({ place }: DraftedChange): string {
  switch (place) {
    case "page":
      return "Accepting opens the draft in the editor of help pages. Saving it there makes a version under your name.";
    case "procedure":
      return "Accepting opens the draft in the editor of procedures. It is in use once its tests passed and leads agreed.";
    case "policy":
      return "Accepting keeps your decision. Put the change into the policy file; what permits more comes into force only when leads agreed.";
    default:
      throw new Error(`unknown place ${String(place satisfies never)}`);
  }
}

function decisionView({ id, decided }: Lesson, draft: DraftedChange, visit: Visit): HtmlValue {
  const write =
    draft.place === "policy"
      ? ""
      : html`<a class="button" href="${pathOf(id)}/write">Open the draft</a>`;
  if (decided !== null)
    return html`<section class="box stack" id="decision" aria-labelledby="decision-title">
      <h2 id="decision-title">Decided</h2>
      <p>
        ${decided.decision}
        ${momentText(decided.decidedAt, visit.zone, visit.now)}${
          decided.decisionReason === "" ? "" : `: ${decided.decisionReason}`
        }
      </p>
      ${decided.decision === "accepted" ? html`<div class="row">${write}</div>` : ""}
    </section>`;
  return html`<section class="box stack" id="decision" aria-labelledby="decision-title">
    <h2 id="decision-title">Your decision</h2>
    <form class="stack" data-form="${pathOf(id)}/accept" autocomplete="off">
      <p>${nextStep(draft)}</p>
      <p class="error" role="alert"></p>
      <div class="row"><button type="submit" class="main">Accept</button></div>
    </form>
    <form class="stack" data-form="${pathOf(id)}/decline" autocomplete="off">
      <label
        >Why not? It comes back only when three new conversations show it<input
          name="reason"
          required=""
          maxlength="300"
      /></label>
      <p class="error" role="alert"></p>
      <div class="row"><button type="submit" class="main danger">Decline</button></div>
    </form>
  </section>`;
}

function differencesView({ differences }: Lesson, visit: Visit): Html {
  const shown = differences.slice(0, DIFFERENCES_SHOWN);
  return html`<section class="stack" aria-labelledby="differences-title" id="differences">
    <h2 id="differences-title">What teammates did</h2>
    ${shown.map((row) => differenceView(row, visit))}
    ${
      differences.length > shown.length
        ? html`<p class="soft">and ${differences.length - shown.length} more</p>`
        : ""
    }
  </section>`;
}

function differenceView({ kind, content, conversationId, at }: DifferenceRow, visit: Visit): Html {
  const { differs, question, draft, teammate } = content;
  return html`<article class="box stack">
    <p>
      A teammate ${KIND_WORDS[kind]} · ${DIFFERED_WORDS[differs]} ·
      ${momentText(at, visit.zone, visit.now)} ·
      <a href="/console/case/${conversationId}">the case</a>
    </p>
    ${question === "" ? "" : html`<p class="soft words" dir="auto">“${question}”</p>`}
    <div class="pair">
      <div>
        <h3>Draft</h3>
        <p class="words" dir="auto">${draft}</p>
      </div>
      <div>
        <h3>Teammate</h3>
        <p class="words" dir="auto">${teammate === "" ? "No reason given." : teammate}</p>
      </div>
    </div>
  </article>`;
}
