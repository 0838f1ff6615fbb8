/** Writing a procedure, testing it, publishing it and taking it back, which leads may. Every mistake is shown with its line. */

import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { discardDraft, saveDraft } from "#jobs/procedures/drafts.ts";
import { procedureDigest, goBack } from "#jobs/procedures/publish.ts";
import {
  askLeads,
  lookedAt,
  startTests,
  versionsNamed,
  type ProcedureShelf,
} from "#jobs/procedures/shelf.ts";
import { keepingProblems } from "#procedures/format.ts";
import type { PageContent } from "#server/console/frame.ts";
import type { Subject } from "#server/console/visit.ts";
import { html, type Html } from "#server/http/html.ts";
import type { ProcedureVersion } from "#store/procedures/versions.ts";
import { PATH, procedurePath } from "./list.ts";
import type { Caller, Visit } from "#server/console/session.ts";

/** The pages of the editor, and what it and the buttons of a version send. */
export const PROCEDURE_EDITING: Subject = {
  pages: { "/new-procedure": newPage, "/procedures/:name/edit": editPage },
  presses: {
    "/procedures/save": save,
    "/procedures/:name/test": test,
    "/procedures/:name/publish": publish,
    "/procedures/:name/discard": discard,
    "/procedures/:name/rollback": rollBack,
  },
  leadsOnly: "only a lead can change procedures",
};

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
async function newPage(visit: Visit): Promise<PageContent> {
  const { procedures: shelf } = visit.options;
  return {
    place: PATH,
    title: "A new procedure",
    tools: html`<p><a href="${PATH}">All procedures</a></p>`,
    body: visit.isLead
      ? html`${formView({ name: "", text: BEGINNING, basis: "", problems: [] })}${await nameable(shelf)}`
      : NOT_YOURS,
  };
}

/**
 * The page for the draft of a procedure; where there is none, it begins with what is in use, or with the file where
 * that is asked for. Null where nothing of this name is known.
 */
async function editPage(visit: Visit): Promise<PageContent | null> {
  const { procedures: shelf } = visit.options;
  const name = visit.named("name");
  const { text, draft } = await editBeginning(shelf, name, visit.asked("from"));
  if (text === undefined) return null;
  return {
    place: PATH,
    title: `Edit ${name}`,
    tools: html`<p class="row"><a href="${procedurePath(name)}">Back to the procedure</a></p>
      <p class="soft">
        ${
          draft === undefined
            ? "Saving makes a draft; what is in use stays until leads agreed to another text."
            : `This is the draft, version ${draft.version}. What is in use stays until leads agreed to it.`
        }
      </p>`,
    body: visit.isLead
      ? html`${await procedureForm(shelf, { name, text, draft })} ${await nameable(shelf)}`
      : NOT_YOURS,
  };
}

/** What a writer begins with: the draft, else what is in use or was last, else the file; the file where it is wanted. */
export async function editBeginning(
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
  const basis = draft === undefined ? "" : procedureDigest(draft.text);
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
    data-form="${PATH}/save"
    data-guarded=""
    autocomplete="off"
  >
    <input type="hidden" name="basis" value="${basis}" />
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
        : html`<input type="hidden" name="name" value="${name}" />`
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
    <p class="error" role="alert"></p>
    <ol class="problems" id="problems">
      ${problems.map(
        ({ line, reason }) =>
          html`<li>
            <button type="button" class="plain" data-line="${line}">Line ${line}</button
            ><span class="words">${reason}</span>
          </li>`,
      )}
    </ol>
    <div class="row">
      <button type="submit" class="main">Save the draft</button
      ><a class="button" href="${isNew ? PATH : procedurePath(name)}">Cancel</a>
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
async function save(press: Caller): Promise<object> {
  const { name, text, basis } = press.sent(Sent);
  const { procedures: shelf } = press.options;
  const unkept = keepingProblems(name, text);
  if (unkept.length > 0) return { saved: false, problems: unkept, basis, address: "" };
  await saveDraft(shelf.desk, { name, text, origin: "console", author: press.email }, basis);
  const { problems } = await lookedAt(shelf, { name, text });
  return { saved: true, problems, basis: procedureDigest(text), address: procedurePath(name) };
}

const Pressed = z.strictObject({ version: z.int().min(1) });

/** The version that a button was drawn for, while it still has the state the button belongs to. */
async function pressedVersion(
  { options, named, sent }: Caller,
  ...states: readonly ProcedureVersion["state"][]
): Promise<ProcedureVersion> {
  const { version } = sent(Pressed);
  const versions = await versionsNamed(options.procedures, named("name"));
  const found = versions.find((one) => one.version === version && states.includes(one.state));
  if (found === undefined)
    throw invalidInput(
      `version ${version} is no longer what this button is about; look at the page again`,
    );
  return found;
}

/** Tests take as long as the model does, so the page shows what they come to when they end. */
async function test(press: Caller): Promise<void> {
  const version = await pressedVersion(press, "draft", "proposed", "published");
  const { ended } = await startTests(press.options.procedures, version);
  // Whatever they came to stands with the version; a result that could not be kept is shown as broken off there.
  ended.catch(() => undefined);
}

async function publish(press: Caller): Promise<void> {
  const kept = await pressedVersion(press, "draft");
  const { name, text } = kept;
  const { kind, version } = await askLeads(press.options.procedures, { name, text, kept }, press);
  if (kind !== "asked")
    throw invalidInput(
      kind === "in use"
        ? `this text is in use already, as version ${version}`
        : `this text waits for leads already, as version ${version}`,
    );
}

async function discard(press: Caller): Promise<void> {
  const { name } = await pressedVersion(press, "draft");
  await discardDraft(press.options.procedures.desk, name, press);
}

async function rollBack(press: Caller): Promise<void> {
  const { name } = await pressedVersion(press, "published");
  await goBack(press.options.procedures.desk, name, press);
}
