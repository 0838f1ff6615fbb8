/** What questions find in the help pages, what customers asked that no page answered, and what to mend in them. */

import type { ExplainedPassage } from "#core/contracts/knowledge.ts";
import { counted, percent, capitalised } from "#core/values/words.ts";
import { GAP_DAYS, gapGroups, type GapGroup } from "#jobs/gaps/list-gaps.ts";
import { searchForm } from "#server/console/forms.ts";
import type { PageContent, Subject } from "#server/console/frame.ts";
import { badge, dotted, link, listView, none, rowView, soft } from "#server/console/parts.ts";
import { excerpt, typedWords } from "#server/console/texts.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { CHECKS_PATH, GAPS_PATH, knowledgeTabs, PATH, helpPagePath, SEARCH_PATH } from "./list.ts";
import type { Visit } from "#server/console/session.ts";

/** Trying a question, what is missing, and the checks of all pages. */
export const QUESTIONS: Subject = {
  place: PATH,
  pages: {
    "/knowledge/search": questionPage,
    "/knowledge/gaps": gapsPage,
    "/knowledge/checks": checksPage,
  },
};

const QUESTION_MAX = 500;
const FOUND_MAX = 8;
/** Longer than any search takes, so that a page always comes. */
const SEARCH_MS = 20_000;
/** Shorter words are in every text and explain nothing. */
const TELLING_LETTERS = 4;

/** What a question would find, and why: the same search that answers use. */
async function questionPage(visit: Visit): Promise<PageContent> {
  const question = visit.asked("q").slice(0, QUESTION_MAX).trim();
  return {
    title: "Try a question",
    tools: html`${knowledgeTabs(SEARCH_PATH)}
    ${searchForm(SEARCH_PATH, { label: "As a customer would ask it", typed: question, max: QUESTION_MAX })}`,
    body:
      question === ""
        ? none(
            "The passages that an answer would be written from, best first. Nothing is sent to a customer.",
          )
        : results(
            question,
            await visit.options.pages.knowledge.explain(
              question,
              FOUND_MAX,
              AbortSignal.timeout(SEARCH_MS),
            ),
            visit,
          ),
  };
}

function results(question: string, found: readonly ExplainedPassage[], visit: Visit): HtmlValue {
  if (found.length === 0)
    return html`<p class="box" id="nothing">
      Nothing was found: the bot would say that it does not
      know.${
        visit.isLead &&
        html` ${link(addressWith(`${PATH}/new`, { title: question }), "Write this page")}`
      }
    </p>`;
  const words = typedWords(question).filter((word) => word.length >= TELLING_LETTERS);
  const rows = found.map((one) => passageRow(one, words));
  return html`${listView({ id: "found", label: "Passages that were found", rows })}
    <p class="soft">
      The percentage is how often a page found like this has answered the question. Below
      <code>caps.confidence</code> of the policy people take
      over.${
        found.some(({ meaning }) => meaning === null)
          ? " Words alone were compared: this process knows no meanings, or they are still being computed."
          : ""
      }
    </p>`;
}

function passageRow(
  { passage, words: share, meaning }: ExplainedPassage,
  words: readonly string[],
): Html {
  const { id, title, text, score, caution, doubt } = passage;
  const slug = id.slice(0, id.lastIndexOf("#"));
  const heading = /^## (?<name>.*)\n/.exec(text)?.groups?.["name"];
  return rowView({
    href: `${helpPagePath(slug)}#${encodeURIComponent(id)}`,
    what: heading === undefined ? title : `${title} › ${heading}`,
    aside: percent(score),
    excerpt: excerpt(text.replace(/^## .*\n+/, ""), words),
    about: dotted([
      `words ${percent(share)}`,
      meaning === null ? "" : `meaning ${percent(meaning)}`,
      id,
    ]),
    badges: [caution, doubt].map((why) => (why === undefined ? null : badge(why, "warn"))),
  });
}

// What customers asked and the help pages did not answer, each with the way to a page about it.

/** More groups than a lead writes pages about. */
const GROUPS_MAX = 50;

/** Groups of questions that ask the same, those with the most questions first. */
async function gapsPage(visit: Visit): Promise<PageContent> {
  const groups = await gapGroups(visit.parts.store, {
    now: visit.now,
    vectors: visit.options.vectors,
  });
  const shown = groups.slice(0, GROUPS_MAX);
  return {
    title: "What is missing",
    tools: html`${knowledgeTabs(GAPS_PATH)}
    ${soft(`Questions of the last ${GAP_DAYS} days that no page answered, whose answer a teammate corrected, or that came back. Names, addresses and numbers are left out.`)}`,
    body: html`${listView({
      id: "gaps",
      label: "What is missing",
      none: "No question shows that anything is missing.",
      rows: shown.map((group) => gapRow(group, visit)),
    })}${
      groups.length > shown.length &&
      soft(`And ${groups.length - shown.length} more, each with fewer questions.`)
    }`,
  };
}

function gapRow(group: GapGroup, visit: Visit): Html {
  const { id, title, count, example, reasons, channels, pages, newestAt } = group;
  return rowView({
    what: title,
    aside: counted(count, "question"),
    excerpt: `“${example}”`,
    about: dotted([
      reasons.unanswered > 0 ? `${reasons.unanswered} without an answer` : "",
      reasons.corrected > 0 ? `${reasons.corrected} corrected` : "",
      reasons.reopened > 0 ? `${reasons.reopened} reopened` : "",
      channels.join(", "),
      `last ${visit.when(newestAt)}`,
      pages.length === 0 ? "" : `pages that exist: ${pages.join(", ")}`,
    ]),
    // Pages that exist may be found and mended; whether they are about it at all is for the lead to say.
    badges: visit.isLead
      ? html`${pages.length > 0 && link(addressWith(SEARCH_PATH, { q: title }), "Mend its pages", "button")}
        ${link(addressWith(`${PATH}/new`, { gap: id }), "Write this page", "button")}`
      : null,
  });
}

// What a lead should mend: contradictions, expired pages, dead links, duplicates, pages that no question finds.

async function checksPage({ options, parts }: Visit): Promise<PageContent> {
  const problems = await options.pages.problems(parts.policy.linkHosts);
  return {
    title: "Checks",
    tools: knowledgeTabs(CHECKS_PATH),
    body: html`${soft("A reading model, where one is set, finds pages that contradict each other; without one, only sentences that are nearly the same are compared.")}${listView(
      {
        id: "problems",
        label: "What to mend",
        none: "Nothing is wrong with the pages.",
        rows: problems.map(({ kind, grade, pages, said }) =>
          rowView({
            what: capitalised(kind),
            excerpt: said,
            about: html`${pages.map(
              (page, index) =>
                html`${index === 0 ? "" : " · "}${link(helpPagePath(page.split("#")[0] ?? ""), page)}`,
            )}`,
            badges: grade === "error" ? badge("misleads customers", "danger") : null,
          }),
        ),
      },
    )}`,
  };
}
