/** Writing a procedure, testing it, publishing it and taking it back, which leads may. Every mistake is shown with its line. */

import type { Request } from "express";
import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { discardDraft, saveDraft } from "#jobs/procedures/drafts.ts";
import { digestOf, goBack } from "#jobs/procedures/publish.ts";
import {
  askLeads,
  lookedAt,
  startTests,
  versionsNamed,
  type ProcedureShelf,
} from "#jobs/procedures/shelf.ts";
import { keepingProblems } from "#procedures/format.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { asked, named, parseInput, type Desk, type Presser } from "#server/console/visit.ts";
import { html, type Html } from "#server/http/html.ts";
import type { ProcedureVersion } from "#store/procedures/versions.ts";
import { PATH, pathOf } from "./list.ts";

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
        ? html`${formView({ name: "", text: BEGINNING, basis: "", problems: [] })}${await nameable(shelf)}`
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
        ? html`${await procedureForm(shelf, { name, text, draft })} ${await nameable(shelf)}`
        : NOT_YOURS,
  };
}

/** What a writer begins with: the draft, else what is in use or was last, else the file; the file where it is wanted. */
export async function beginningOf(
  shelf: ProcedureShelf,
  name: string,
  from = "",
): Promise<{ readonly text: string | undefined; readonly draft: ProcedureVersion | undefined }> {
  const versions = await versionsNamed(shelf, name);
  const file = shelf.files().find((one) => one.name === name)?.text;
  const draft = versions.find(({ state }) => state === "draft");
  const kept = draft ?? versions.find(({ state }) => state === "published") ?? versions[0];
  return { text: from === "file" ? (file ?? kept?.text) : (kept?.text ?? file), draft };
}

const NOT_YOURS = html`<p class="box soft">Only a lead can write procedures.</p>`;

/** The form with this text, every mistake of which is shown; a procedure without a name is a new one. */
export async function procedureForm(
  shelf: ProcedureShelf,
  {
    name,
    text,
    draft,
  }: { readonly name: string; readonly text: string; readonly draft: ProcedureVersion | undefined },
): Promise<Html> {
  const { problems } = await lookedAt(shelf, { name: name === "" ? "new" : name, text });
  const basis = draft === undefined ? "" : digestOf(draft.text);
  return formView({ name, text, basis, problems });
}

interface Written {
  readonly name: string;
  readonly text: string;
  /** The digest of the draft this text is, empty where there is none yet. */
  readonly basis: string;
  readonly problems: readonly { readonly line: number; readonly reason: string }[];
}

/** The script sends it as data, so that it can only come from a page of ours. */
function formView({ name, text, basis, problems }: Written): Html {
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

/** A text is as long as a request may be; how long a procedure may be is one of its mistakes, with what to do. */
const Sent = z.strictObject({
  name: z.string().max(200),
  text: z.string(),
  /** The digest of the draft the writer began with, empty where there was none. */
  basis: z.string().max(64),
});

/** Keeps a text also with mistakes, so that no lead loses work, and says them at once; it cannot be tested until then. */
export async function save(
  { options: { procedures: shelf } }: Desk,
  { email: author }: Presser,
  request: Request,
): Promise<object> {
  const { name, text, basis } = parseInput(Sent, request.body);
  const unkept = keepingProblems(name, text);
  if (unkept.length > 0) return { saved: false, problems: unkept, basis, address: "" };
  await saveDraft(shelf.desk, { name, text, origin: "console", author }, basis);
  const { problems } = await lookedAt(shelf, { name, text });
  return { saved: true, problems, basis: digestOf(text), address: pathOf(name) };
}

const Pressed = z.strictObject({ version: z.int().min(1) });

/** The version that a button was drawn for, while it still has the state the button belongs to. */
async function pressedVersion(
  desk: Desk,
  request: Request,
  ...states: readonly ProcedureVersion["state"][]
): Promise<ProcedureVersion> {
  const { version } = parseInput(Pressed, request.body);
  const versions = await versionsNamed(desk.options.procedures, named(request, "name"));
  const found = versions.find((one) => one.version === version && states.includes(one.state));
  if (found === undefined)
    throw invalidInput(
      `version ${version} is no longer what this button is about; look at the page again`,
    );
  return found;
}

/** Tests take as long as the model does, so the page shows what they come to when they end. */
export async function test(desk: Desk, _by: Presser, request: Request): Promise<object> {
  const version = await pressedVersion(desk, request, "draft", "proposed", "published");
  const { ended } = await startTests(desk.options.procedures, version);
  // Whatever they came to stands with the version; a result that could not be kept is shown as broken off there.
  ended.catch(() => undefined);
  return {};
}

/** Asks the leads to bring a draft into use. */
export async function publish(desk: Desk, by: Presser, request: Request): Promise<object> {
  const kept = await pressedVersion(desk, request, "draft");
  const { name, text } = kept;
  const { kind, version } = await askLeads(desk.options.procedures, { name, text, kept }, by);
  if (kind !== "asked")
    throw invalidInput(
      kind === "in use"
        ? `this text is in use already, as version ${version}`
        : `this text waits for leads already, as version ${version}`,
    );
  return {};
}

/** Gives a draft up. */
export async function discard(desk: Desk, by: Presser, request: Request): Promise<object> {
  const { name } = await pressedVersion(desk, request, "draft");
  await discardDraft(desk.options.procedures.desk, name, by);
  return {};
}

/** Takes back what is in use. */
export async function rollBack(desk: Desk, by: Presser, request: Request): Promise<object> {
  const { name } = await pressedVersion(desk, request, "published");
  await goBack(desk.options.procedures.desk, name, by);
  return {};
}
