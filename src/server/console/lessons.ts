/**
 * The console's pages about lessons, for leads alone: what three alike differences propose, one page each with the
 * drafted change, and the editor in which the lead writes it.
 */

import { topicName } from "#core/values/vocabulary.ts";
import {
  type Replay,
  replayChange,
  procedureTexts,
  draftChange,
  type LessonTexts,
} from "#jobs/lessons/draft-change.ts";
import { lineDifference } from "#text/diff.ts";
import {
  CHANGE_WORDS,
  decidedLessons,
  decideLesson,
  DIFFERED_WORDS,
  type DraftedChange,
  KIND_WORDS,
  type Lesson,
  type LessonSearch,
  lessonWith,
  openLessons,
} from "#jobs/lessons/find-lessons.ts";
import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { counted } from "#core/values/words.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { changeInForce } from "#store/policy/policy-changes.ts";
import type { DifferenceRow } from "#store/reports/draft-differences.ts";
import { beginningOfPage, newPageDraft, pageForm } from "#server/console/knowledge/edit.ts";
import { dataForm, Reason, reasonForm } from "./forms.ts";
import { sends, type PageContent, type Subject } from "./frame.ts";
import {
  andMore,
  aside,
  caseAddress,
  dotted,
  lineList,
  link,
  listView,
  none,
  row,
  rowView,
  section,
  soft,
} from "./parts.ts";
import { editBeginning, procedureForm } from "#server/console/procedures/edit.ts";
import { linesView } from "./texts.ts";
import { wholeNumber, type Caller, type Visit } from "./session.ts";

/** The list, the page of one lesson, its draft in the editor, and a lead's yes and no. */
export const LESSONS: Subject = {
  place: "/console/lessons",
  pages: {
    "/lessons": lessonsPage,
    "/lessons/:id": lessonPage,
    "/lessons/:id/write": writePage,
  },
  instead: {
    title: "Lessons",
    body: none("Only a lead sees what edits and rejections propose to change.", "not-yours"),
  },
  presses: {
    "/lessons/:id/accept": sends(z.strictObject({}), accept),
    "/lessons/:id/decline": sends(Reason, async (press, { reason }) => {
      await decide(press, { decision: "declined", reason });
      return { address: PATH };
    }),
  },
  leadsOnly: "only a lead can decide on lessons",
};

const PATH = LESSONS.place;

function lessonPath(id: number): string {
  return `${PATH}/${id}`;
}

/** What lessons are looked for in. */
function lessonSearch({ options: { vectors }, parts, now }: Caller): LessonSearch {
  return { store: parts.store, now, ...(vectors === null ? {} : { vectors }) };
}

/** The lesson that an address names; null where there is none. */
function lessonNamed(caller: Caller): Promise<Lesson | null> {
  return lessonWith(lessonSearch(caller), wholeNumber(caller.named("id")) ?? 0);
}

/** Where the texts are that lessons would change. */
function lessonTextSources({ options, parts, run }: Visit): LessonTexts {
  return {
    store: parts.store,
    policyText: async () => {
      const { version } = parts.policy;
      const inForce = await run(changeInForce, version);
      return inForce?.text ?? null;
    },
    procedureText: procedureTexts(options.procedures),
  };
}

// The list of what edits, rejections and teammates' own answers propose to change.

/** Decided ones beyond these are history that the audit keeps. */
const DECIDED_SHOWN = 30;

/** Lessons that wait for a lead, those of the most conversations first, and what leads decided. */
async function lessonsPage(visit: Visit): Promise<PageContent> {
  const open = await openLessons(lessonSearch(visit));
  const decided = (await decidedLessons(visit.parts.store)).slice(0, DECIDED_SHOWN);
  return {
    title: "Lessons",
    tools: soft(
      "What teammates did otherwise than drafts in three conversations or more: edits, rejections, instructions, ratings and answers of their own. Nothing here changes anything by itself. Names, addresses and numbers are left out.",
    ),
    body: html`${listView({
      id: "lessons",
      label: "Lessons",
      none: "Nothing that three conversations show alike waits for a lead.",
      rows: open.map((lesson) => lessonRow(lesson, visit)),
    })}${
      decided.length > 0 &&
      section(
        "decided",
        "Decided",
        html`${soft("A declined one comes back only when three new conversations show it again.")}
        ${listView({ rows: decided.map((lesson) => lessonRow(lesson, visit)) })}`,
        "plain",
      )
    }`,
  };
}

function lessonRow(lesson: Lesson, { when }: Visit): Html {
  const { id, headline, change, topic, conversations, people, newestAt, decided } = lesson;
  return rowView({
    href: lessonPath(id),
    what: headline,
    aside: counted(conversations, "conversation"),
    about: dotted([
      CHANGE_WORDS[change],
      topicName(topic),
      counted(people, "teammate"),
      decided === null
        ? `last ${when(newestAt)}`
        : `${decided.decision} ${when(decided.decidedAt)}`,
      decided?.decisionReason ?? "",
    ]),
  });
}

// The page of one lesson: what teammates did, the drafted change, what it would flip, and a lead's decision.

const DIFFERENCES_SHOWN = 20;
const FLIPS_SHOWN = 20;

/** Null where no difference of this number is kept. */
async function lessonPage(visit: Visit): Promise<PageContent | null> {
  const lesson = await lessonNamed(visit);
  if (lesson === null) return null;
  const draft = await draftChange(lessonTextSources(visit), lesson);
  const replay = await replayChange(visit.parts.store, lesson, draft);
  const { headline, change, topic, conversations, people } = lesson;
  return {
    title: headline,
    tools: row(
      link(PATH, "All lessons"),
      aside(
        `${CHANGE_WORDS[change]} · ${topicName(topic)} · ${counted(conversations, "conversation")}, ${counted(people, "teammate")}`,
      ),
    ),
    body: html`${draftView(draft)} ${replayView(replay)} ${decisionView(lesson, draft, visit)}
    ${differencesView(lesson, visit)}`,
  };
}

function draftView({ title, before, after, notes, name, place }: DraftedChange): Html {
  const isNew = place !== "policy" && name === "";
  return section(
    "change",
    isNew ? `A new ${place}: ${title}` : title,
    html`${soft("Drafted by code from the teammates’ words; no AI.")}
    ${after !== before && linesView(lineDifference(before, after))} ${lineList(notes)}`,
  );
}

function replayView({ flips, words }: Replay): Html {
  const shown = flips?.slice(0, FLIPS_SHOWN) ?? [];
  return section(
    "flips",
    "What it would change",
    html`<p class="words">${words}</p>
      ${
        shown.length > 0 &&
        html`<ul class="row">
          ${shown.map(
            ({ card, conversationId }) =>
              html`<li>
                ${link(caseAddress(conversationId, card), conversationId.slice(0, 10), "words")}
              </li>`,
          )}
        </ul>`
      }
      ${andMore((flips?.length ?? 0) - shown.length)}`,
  );
}

/** What accepting leads to, in words for the lead who does it. */
const NEXT_STEPS: Readonly<Record<DraftedChange["place"], string>> = {
  page: "Accepting opens the draft in the editor of help pages. Saving it there makes a version under your name.",
  procedure:
    "Accepting opens the draft in the editor of procedures. It is in use once its tests passed and leads agreed.",
  policy:
    "Accepting keeps your decision. Put the change into the policy file; what permits more comes into force only when leads agreed.",
};

function decisionView({ id, decided }: Lesson, { place }: DraftedChange, visit: Visit): HtmlValue {
  if (decided === null)
    return section(
      "decision",
      "Your decision",
      html`${dataForm(`${lessonPath(id)}/accept`, { press: "Accept" }, html`<p>${NEXT_STEPS[place]}</p>`)}
      ${reasonForm(
        `${lessonPath(id)}/decline`,
        { press: "Decline", isDanger: true },
        "Why not? It comes back only when three new conversations show it",
      )}`,
    );
  const { decision, decidedAt, decisionReason } = decided;
  return section(
    "decision",
    "Decided",
    html`<p>
        ${decision} ${visit.when(decidedAt)}${decisionReason === "" ? "" : `: ${decisionReason}`}
      </p>
      ${
        decision === "accepted" &&
        place !== "policy" &&
        row(link(`${lessonPath(id)}/write`, "Open the draft", "button"))
      }`,
  );
}

function differencesView({ differences }: Lesson, visit: Visit): Html {
  const shown = differences.slice(0, DIFFERENCES_SHOWN);
  return section(
    "differences",
    "What teammates did",
    html`${shown.map((row) => differenceView(row, visit))}
    ${andMore(differences.length - shown.length)}`,
    "plain",
  );
}

function differenceView({ kind, content, conversationId, at }: DifferenceRow, visit: Visit): Html {
  const { differs, question, draft, teammate } = content;
  return html`<article class="box stack">
    <p>
      A teammate ${KIND_WORDS[kind]} · ${DIFFERED_WORDS[differs]} · ${visit.when(at)} ·
      ${link(caseAddress(conversationId), "the case")}
    </p>
    ${question !== "" && html`<p class="soft words" dir="auto">“${question}”</p>`}
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

// A lead's yes and no.

async function accept(press: Caller): Promise<object> {
  const { id, change } = await decide(press, { decision: "accepted", reason: "" });
  const isWritten = change === "page" || change === "procedure";
  return { address: isWritten ? `${lessonPath(id)}/write` : lessonPath(id) };
}

async function decide(
  press: Caller,
  given: { readonly decision: "accepted" | "declined"; readonly reason: string },
): Promise<Lesson> {
  const { parts, now: at, mask, pseudonym } = press;
  const lesson = await lessonNamed(press);
  if (lesson === null) throw invalidInput("this lesson is not kept any more");
  // What a lead types is kept beyond the conversation.
  await decideLesson(parts.store, lesson, { ...given, reason: mask(given.reason), at, pseudonym });
  return lesson;
}

// The drafted change of a lesson in the editor of help pages or of procedures, for a lead to check and save.

/** The editor with the draft; the lesson's own page for a change of the policy, which is written in its file. */
async function writePage(visit: Visit): Promise<PageContent | string | null> {
  const lesson = await lessonNamed(visit);
  if (lesson === null) return null;
  if (lesson.change !== "page" && lesson.change !== "procedure") return lessonPath(lesson.id);
  const procedureText = async (name: string) =>
    (await editBeginning(visit.options.procedures, name)).text ?? null;
  const draft = await draftChange({ ...lessonTextSources(visit), procedureText }, lesson);
  return {
    title: `Draft: ${lesson.headline}`,
    isNarrow: true,
    tools: html`${row(link(lessonPath(lesson.id), "Back to the lesson"))}
      <p class="notice">
        Drafted by code from what teammates wrote. Check every sentence; nothing is stored before
        you save.
      </p>`,
    body:
      draft.place === "procedure"
        ? await procedureEditor(visit, draft)
        : await pageEditor(visit, draft),
  };
}

async function pageEditor(
  visit: Visit,
  { name: slug, title, after: body }: DraftedChange,
): Promise<Html> {
  const begun = slug === "" ? null : await beginningOfPage(visit, slug);
  if (begun === null) return pageForm(newPageDraft({ title, body, owner: visit.email }));
  // A page that was written here keeps its title, a copy gets the drafted one.
  const changed = begun.slug === "" ? { title, body } : { body };
  return pageForm({ ...begun, text: { ...begun.text, ...changed } });
}

async function procedureEditor({ options }: Visit, { name, after }: DraftedChange): Promise<Html> {
  const { draft } = await editBeginning(options.procedures, name);
  return procedureForm(options.procedures, name, after, draft);
}
