/** The page of one source: how its last reading went, and every file that was left out with its reason. */
import type { Request } from "express";
import { momentText } from "#core/values/moment.ts";
import { leftOutBy, listedSources, type ListedSource } from "#store/console/help-pages.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { named, type Desk } from "#server/console/visit.ts";
import { kindWords, PATH, sourceName } from "./words.ts";
import { counted } from "#core/values/words.ts";

/** Rows of one page; the command lists the rest. */
const SHOWN_MAX = 300;

/** Null where no source has this name. */
export async function sourcePage(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | null> {
  const name = named(request, "name");
  const { source, leftOut } = await parts.store.run(async (transaction) => ({
    source: (await listedSources(transaction)).find((one) => one.name === name) ?? null,
    leftOut: await leftOutBy(transaction, name),
  }));
  if (source === null) return null;
  return {
    place: PATH,
    title: sourceName(name),
    tools: html`<p class="row">
      <a href="${PATH}">All help pages</a
      ><a class="button" href="${addressWith(PATH, { source: name })}"
        >Its ${counted(source.pages, "page")}</a
      >
    </p>`,
    body: html`${factsView(source, visit)}${leftOutView(source, leftOut)}`,
  };
}

function factsView(source: ListedSource, { zone, now }: Visit): Html {
  const { location, addedBy, readAt, problem, kind, off } = source;
  const facts: readonly (readonly [string, string])[] = [
    ["Kind", kindWords(source)],
    ["Read from", location ?? ""],
    ["Added by", addedBy ?? ""],
    [
      "Last read",
      readAt === null ? (kind === null ? "" : "not yet") : momentText(readAt, zone, now),
    ],
    ["Switched off", off === 0 ? "" : counted(off, "page")],
  ];
  const known = facts.filter(([, value]) => value !== "");
  return html`${problem === "" ? "" : html`<p class="notice problem">${problem}</p>`}${
    known.length === 0
      ? ""
      : html`<section class="box" aria-label="About this source">
          <dl class="facts-list">
            ${known.map(
              ([name, value]) =>
                html`<dt>${name}</dt>
                  <dd class="words">${value}</dd>`,
            )}
          </dl>
        </section>`
  }`;
}

function leftOutView(
  { name, leftOut: count, kind }: ListedSource,
  rows: Awaited<ReturnType<typeof leftOutBy>>,
): Html {
  if (kind === null) return html``;
  if (rows.length === 0) return html`<p class="box soft" id="left-out">Nothing was left out.</p>`;
  const shown = rows.slice(0, SHOWN_MAX);
  return html`<section class="box stack" aria-labelledby="left-out">
    <h2 id="left-out" tabindex="-1">${counted(count, "file")} left out</h2>
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">File or address</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          ({ id, reason }) =>
            html`<tr>
              <td>${id}</td>
              <td>${reason}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${
      count > shown.length
        ? html`<p class="soft">
            And ${count - shown.length} more: <code>deskhand knowledge list ${name}</code>
          </p>`
        : ""
    }
  </section>`;
}
