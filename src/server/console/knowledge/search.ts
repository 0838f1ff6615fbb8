/** What a question would find, and why: the same search that answers use. */
import type { Request } from "express";
import type { ExplainedPassage } from "#core/contracts/knowledge.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { excerpt, wordsOf } from "#server/console/search/excerpt.ts";
import { asked, type Desk } from "#server/console/visit.ts";
import { knowledgeTabs, PATH, pathOf, SEARCH_PATH } from "./words.ts";
import { percent } from "#core/values/words.ts";

const QUESTION_MAX = 500;
const FOUND_MAX = 8;
/** Longer than any search takes, so that a page always comes. */
const SEARCH_MS = 20_000;
/** Shorter words are in every text and explain nothing. */
const TELLING_LETTERS = 4;

/** The form, and what was found for what was asked. */
export async function searchPage(
  { options: { pages } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent> {
  const question = asked(request, "q").slice(0, QUESTION_MAX).trim();
  const found =
    question === ""
      ? null
      : await pages.knowledge.explain(question, FOUND_MAX, AbortSignal.timeout(SEARCH_MS));
  return {
    place: PATH,
    title: "Try a question",
    tools: html`${knowledgeTabs(SEARCH_PATH)}
      <form class="filters" method="get" action="${SEARCH_PATH}" role="search">
        <label class="grow"
          >As a customer would ask it<input
            type="search"
            name="q"
            value="${question}"
            maxlength="${QUESTION_MAX}"
            autocomplete="off"
            ${question === "" ? html`autofocus=""` : ""} /></label
        ><button type="submit" class="main">Search</button>
      </form>`,
    body:
      found === null
        ? html`<p class="box soft">
            The passages that an answer would be written from, best first. Nothing is sent to a
            customer.
          </p>`
        : results(question, found, visit),
  };
}

function results(question: string, found: readonly ExplainedPassage[], visit: Visit): HtmlValue {
  if (found.length === 0)
    return html`<p class="box" id="nothing">
      Nothing was found: the bot would say that it does not
      know.${
        visit.role === "lead"
          ? html` <a href="${addressWith(`${PATH}/new`, { title: question })}">Write this page</a>`
          : ""
      }
    </p>`;
  const words = wordsOf(question).filter((word) => word.length >= TELLING_LETTERS);
  return html`<ol class="cases" id="found" aria-label="Passages that were found">
      ${found.map((one) => row(one, words))}
    </ol>
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

function row({ passage, words: share, meaning }: ExplainedPassage, words: readonly string[]): Html {
  const { id, title, text, score, caution, doubt } = passage;
  const slug = id.slice(0, id.lastIndexOf("#"));
  const heading = /^## (?<name>.*)\n/.exec(text)?.groups?.["name"];
  const body = text.replace(/^## .*\n+/, "");
  const why = [
    `words ${percent(share)}`,
    ...(meaning === null ? [] : [`meaning ${percent(meaning)}`]),
    id,
  ];
  return html`<li class="case-row">
    <a class="what" href="${pathOf(slug)}#${encodeURIComponent(id)}"
      >${title}${heading === undefined ? "" : ` › ${heading}`}</a
    ><span class="money">${percent(score)}</span
    ><span class="excerpt" dir="auto">${excerpt(body, words)}</span
    ><span class="meta">${why.join(" · ")}</span
    ><span class="badges"
      >${[caution, doubt].map((why) =>
        why === undefined ? null : html`<span class="badge warn">${why}</span>`,
      )}</span
    >
  </li>`;
}
