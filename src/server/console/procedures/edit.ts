/** The page on which a lead writes a procedure; saving makes a draft, and every mistake is shown with its line. */

import type { Request } from "express";
import { digestOf } from "#jobs/procedures/publish.ts";
import { lookedAt, versionsNamed, type ProcedureShelf } from "#jobs/procedures/shelf.ts";
import type { ProcedureVersion } from "#store/procedures/versions.ts";
import { html, type Html } from "#server/http/html.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { asked, named, type Desk } from "#server/console/visit.ts";
import { PATH, pathOf } from "./words.ts";

/** What a new procedure begins with: every field that has to be there, one step and one test. */
const BEGINNING = `---
title: Late parcel
when: The customer asks where a parcel is that should have arrived.
words: [where is my parcel, not arrived]
tools: [get_order_status]
owner: you@your-company.example
---

1. Ask for the order number if it is missing, and look it up with @get_order_status.
2. Say where the parcel is and when it is expected.

## Tests

### Where is it
- customer is: cara@customer.test
- customer says: Where is my order 2001?
- expects tool: get_order_status
`;

/** The page for a new procedure. */
export async function newPage(
  { options: { procedures: shelf } }: Desk,
  visit: Visit,
): Promise<PageContent> {
  return {
    place: PATH,
    title: "A new procedure",
    tools: html`<p><a href="${PATH}">All procedures</a></p>`,
    body:
      visit.role === "lead"
        ? html`${form({ name: "", text: BEGINNING, basis: "" })}${await nameable(shelf)}`
        : NOT_YOURS,
  };
}

/**
 * The page for the draft of a procedure; where there is none, it begins with what is in use, or with the file where
 * that is asked for. Null where nothing of this name is known.
 */
export async function editPage(
  { options: { procedures: shelf } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | null> {
  const name = named(request, "name");
  const { text, draft } = await beginningOf(shelf, name, asked(request, "from"));
  if (text === undefined) return null;
  return {
    place: PATH,
    title: `Edit ${name}`,
    tools: html`<p class="row"><a href="${pathOf(name)}">Back to the procedure</a></p>
      <p class="soft">
        ${
          draft === undefined
            ? "Saving makes a draft; what is in use stays until leads agreed to another text."
            : `This is the draft, version ${draft.version}. What is in use stays until leads agreed to it.`
        }
      </p>`,
    body:
      visit.role === "lead"
        ? html`${form({
            name,
            text,
            basis: draft === undefined ? "" : digestOf(draft.text),
            problems: (await lookedAt(shelf, { name, text })).problems,
          })}
          ${await nameable(shelf)}`
        : NOT_YOURS,
  };
}

/** What a writer begins with: the draft, else what is in use or was last, else the file; the file where it is wanted. */
async function beginningOf(
  shelf: ProcedureShelf,
  name: string,
  from: string,
): Promise<{ readonly text: string | undefined; readonly draft: ProcedureVersion | undefined }> {
  const versions = await versionsNamed(shelf, name);
  const file = shelf.files().find((one) => one.name === name)?.text;
  const draft = versions.find(({ state }) => state === "draft");
  const kept = draft ?? versions.find(({ state }) => state === "published") ?? versions[0];
  return { text: from === "file" ? (file ?? kept?.text) : (kept?.text ?? file), draft };
}

const NOT_YOURS = html`<p class="box soft">Only a lead can write procedures.</p>`;

interface Written {
  readonly name: string;
  readonly text: string;
  /** The digest of the draft this text is, empty where there is none yet. */
  readonly basis: string;
  readonly problems?: readonly { readonly line: number; readonly reason: string }[];
}

/** The form of a procedure. The script sends it as data, so that it can only come from a page of ours. */
export function form({ name, text, basis, problems = [] }: Written): Html {
  const isNew = name === "";
  return html`<form
    class="box stack"
    id="write"
    data-procedure="${name}"
    data-basis="${basis}"
    autocomplete="off"
  >
    ${
      isNew
        ? html`<label
            >Name, as in late-parcel; it cannot be changed later<input
              name="name"
              required=""
              maxlength="80"
              pattern="[a-z0-9][a-z0-9\\-]*"
              spellcheck="false"
          /></label>`
        : ""
    }
    <label
      >Text<textarea
        name="text"
        class="code"
        rows="28"
        required=""
        spellcheck="true"
        aria-describedby="problems"
      >
${`\n${text}`}</textarea>
    </label>
    <div id="problems" role="alert">
      ${
        problems.length === 0
          ? ""
          : html`<ol class="problems">
              ${problems.map(
                ({ line, reason }) =>
                  html`<li>
                    <button type="button" class="plain" data-line="${line}">Line ${line}</button
                    ><span class="words">${reason}</span>
                  </li>`,
              )}
            </ol>`
      }
    </div>
    <div class="row">
      <button type="submit" class="main">Save the draft</button
      ><a class="button" href="${isNew ? PATH : pathOf(name)}">Cancel</a>
    </div>
  </form>`;
}

/** What a text may name, next to the form, so that a lead need not guess. */
async function nameable(shelf: ProcedureShelf): Promise<Html> {
  const { tools, pages } = await shelf.world();
  return html`<details class="box" id="nameable">
    <summary>What a step may name</summary>
    <h3>Tools, as @name; list them under tools too</h3>
    <p class="words">${[...tools.keys()].map((tool) => `@${tool}`).join(", ")}</p>
    <h3>Help pages, as [[name]]</h3>
    <p class="words">${[...pages].toSorted().slice(0, 200).join(", ")}</p>
    <h3>Another procedure, as [[procedure:name]]</h3>
    <h3>Lines of a test</h3>
    <p class="words">
      customer is: ADDRESS · customer says: … · expects outcome: reply, question or people · expects
      tool: NAME · expects action: OPERATION · expects words: … · each but the outcome also as
      “expects no …”
    </p>
  </details>`;
}
