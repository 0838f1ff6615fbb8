/**
 * Writing a procedure, testing it, publishing it and taking it back, which leads may. Every mistake is shown with its
 * line.
 */

import {
  discardDraft,
  saveDraft,
  askLeads,
  lookedAt,
  startTests,
  versionsNamed,
  type ProcedureShelf,
} from "#jobs/procedures/shelf.ts";
import { procedureDigest, goBack } from "#jobs/procedures/publish.ts";
import type { LineProblem } from "#policy/yaml.ts";
import { keepingProblems } from "#procedures/format.ts";
import { type PageContent, sends, type Subject } from "#server/console/frame.ts";
import { link, row, soft, fold, none } from "#server/console/parts.ts";
import { html, type Html } from "#server/http/html.ts";
import type { ProcedureVersion } from "#store/procedures/versions.ts";
import type { Visit, Caller } from "#server/console/session.ts";
import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { dataForm, field, hidden, textArea } from "#server/console/forms.ts";
import { PATH, procedurePath, versionIn } from "./list.ts";

/** A text is as long as a request may be; how long a procedure may be is one of its mistakes, with what to do. */
const Sent = z.strictObject({
  name: z.string().max(200),
  text: z.string(),
  /** The digest of the draft the writer began with, empty where there was none. */
  basis: z.string().max(64),
});

const Pressed = z.strictObject({ version: z.int().min(1) });

/** The pages of the editor, and what it and the buttons of a version send. */
export const PROCEDURE_EDITING: Subject = {
  place: PATH,
  pages: { "/new-procedure": newPage, "/procedures/:name/edit": editPage },
  instead: { title: "Procedures", body: none("Only a lead can write procedures.") },
  presses: {
    "/procedures/save": sends(Sent, save),
    "/procedures/:name/test": presses(["draft", "proposed", "published"], test),
    "/procedures/:name/publish": presses(["draft"], publish),
    "/procedures/:name/discard": presses(["draft"], (by, { name }) =>
      discardDraft(by.options.procedures.desk, name, by),
    ),
    "/procedures/:name/rollback": presses(["published"], (by, { name }) =>
      goBack(by.options.procedures.desk, name, by),
    ),
  },
  leadsOnly: "only a lead can change procedures",
};

/** What a new procedure begins with: every field that has to be there, one step and one test. */
const BEGINNING = `---
title: Late parcel
when: The customer asks where a parcel is that should have arrived.
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
    title: "A new procedure",
    tools: html`<p>${link(PATH, "All procedures")}</p>`,
    body: html`${formView("", BEGINNING)}${await nameable(shelf)}`,
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
  const about =
    draft === undefined
      ? "Saving makes a draft; what is in use stays until leads agreed to another text."
      : `This is the draft, version ${draft.version}. What is in use stays until leads agreed to it.`;
  return {
    title: `Edit ${name}`,
    tools: html`${row(link(procedurePath(name), "Back to the procedure"))} ${soft(about)}`,
    body: html`${await procedureForm(shelf, name, text, draft)} ${await nameable(shelf)}`,
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
  const draft = versionIn(versions, "draft");
  const kept = versionIn(versions, "draft", "published") ?? versions[0];
  return { text: from === "file" ? (file ?? kept?.text) : (kept?.text ?? file), draft };
}

/** The form with this text, every mistake of which is shown; a procedure without a name is a new one. */
export async function procedureForm(
  shelf: ProcedureShelf,
  name: string,
  text: string,
  draft: ProcedureVersion | undefined,
): Promise<Html> {
  const { problems } = await lookedAt(shelf, { name: name === "" ? "new" : name, text });
  return formView(name, text, draft === undefined ? "" : procedureDigest(draft.text), problems);
}

const NAME = html`required="" maxlength="80" pattern="[a-z0-9][a-z0-9\\-]*" spellcheck="false"`;
const TEXT = html`class="code" rows="28" required="" spellcheck="true" aria-describedby="problems"`;

/** `basis` is the digest of the draft this text is, empty where there is none yet. */
function formView(
  name: string,
  text: string,
  basis = "",
  problems: readonly LineProblem[] = [],
): Html {
  const isNew = name === "";
  const form = {
    id: "write",
    className: "box stack",
    press: "Save the draft",
    aside: link(isNew ? PATH : procedurePath(name), "Cancel", "button"),
    isGuarded: true,
  };
  const mistakes = problems.map(
    ({ line, reason }) =>
      html`<li>
        <button type="button" class="plain" data-line="${line}">Line ${line}</button
        ><span class="words">${reason}</span>
      </li>`,
  );
  return dataForm(
    `${PATH}/save`,
    form,
    html`${hidden({ basis, ...(!isNew && { name }) })}
    ${isNew && field("name", "Name, as in late-parcel; it cannot be changed later", "", NAME)}
    ${textArea("text", "Text", text, TEXT)}`,
    html`<ol class="problems" id="problems">
      ${mistakes}
    </ol>`,
  );
}

/** What a text may name, next to the form, so that a lead need not guess. */
async function nameable(shelf: ProcedureShelf): Promise<Html> {
  const { tools, pages } = await shelf.world();
  return fold(
    "What a step may name",
    html`<h3>Tools, as @name; list them under tools too</h3>
      <p class="words">${[...tools.keys()].map((tool) => `@${tool}`).join(", ")}</p>
      <h3>Help pages, as [[name]]</h3>
      <p class="words">${[...pages].toSorted().slice(0, 200).join(", ")}</p>
      <h3>Another procedure, as [[procedure:name]]</h3>
      <h3>Lines of a test</h3>
      <p class="words">
        customer is: ADDRESS · customer says: … · expects outcome: reply, question or people ·
        expects tool: NAME · expects action: OPERATION · expects words: … · each but the outcome
        also as “expects no …”
      </p>`,
    { id: "nameable", class: "box" },
  );
}

/** Keeps a text also with mistakes, so that no lead loses work, and says them at once; it cannot be tested until then. */
async function save(press: Caller, { name, text, basis }: z.infer<typeof Sent>): Promise<object> {
  const { procedures: shelf } = press.options;
  const unkept = keepingProblems(name, text);
  if (unkept.length > 0) return { saved: false, problems: unkept, basis, address: "" };
  await saveDraft(shelf.desk, { name, text, origin: "console", author: press.email }, basis);
  const { problems } = await lookedAt(shelf, { name, text });
  return { saved: true, problems, basis: procedureDigest(text), address: procedurePath(name) };
}

/** A press about the version its button was drawn for, while that still has a state the button belongs to. */
function presses(
  states: readonly ProcedureVersion["state"][],
  work: (press: Caller, version: ProcedureVersion) => Promise<unknown>,
): (press: Caller) => Promise<void> {
  return sends(Pressed, async (press, { version }) => {
    const versions = await versionsNamed(press.options.procedures, press.named("name"));
    const found = versions.find((one) => one.version === version && states.includes(one.state));
    if (found === undefined)
      throw invalidInput(
        `version ${version} is no longer what this button is about; look at the page again`,
      );
    await work(press, found);
  });
}

/** Tests take as long as the model does, so the page shows what they come to when they end. */
async function test({ options }: Caller, version: ProcedureVersion): Promise<void> {
  const { ended } = await startTests(options.procedures, version);
  // Whatever they came to stands with the version; a result that could not be kept is shown as broken off there.
  ended.catch(() => undefined);
}

async function publish(press: Caller, kept: ProcedureVersion): Promise<void> {
  const { name, text } = kept;
  const { kind, version } = await askLeads(press.options.procedures, { name, text, kept }, press);
  if (kind !== "asked")
    throw invalidInput(
      kind === "in use"
        ? `this text is in use already, as version ${version}`
        : `this text waits for leads already, as version ${version}`,
    );
}
