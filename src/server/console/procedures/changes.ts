/** What the pages about procedures send: drafts, tests, wishes to publish, going back. Leads alone may. */

import type { Request, RequestHandler, Router } from "express";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { discardDraft, saveDraft } from "#jobs/procedures/drafts.ts";
import { digestOf, goBack, type Actor } from "#jobs/procedures/publish.ts";
import { askLeads, lookedAt, startTests, versionsNamed } from "#jobs/procedures/shelf.ts";
import { keepingProblems } from "#procedures/format.ts";
import type { ProcedureVersion } from "#store/procedures/versions.ts";
import { parseInput } from "#server/console/parse-input.ts";
import { named, type Desk } from "#server/console/visit.ts";
import { pathOf } from "./words.ts";

/** A text is as long as a request may be; how long a procedure may be is one of its mistakes, with what to do. */
const Written = z.strictObject({
  name: z.string().max(200),
  text: z.string(),
  /** The digest of the draft the writer began with, empty where there was none. */
  basis: z.string().max(64),
});
const Pressed = z.strictObject({ version: z.int().min(1) });

/** Adds the addresses behind the buttons and the form. */
export function addProcedureChanges(
  router: Router,
  desk: Desk,
  ownPage: readonly RequestHandler[],
): void {
  router.post("/procedures/save", ...ownPage, save(desk));
  router.post("/procedures/:name/test", ...ownPage, test(desk));
  router.post("/procedures/:name/publish", ...ownPage, publish(desk));
  router.post("/procedures/:name/discard", ...ownPage, discard(desk));
  router.post("/procedures/:name/rollback", ...ownPage, rollBack(desk));
}

/** A lead with an address, and how the audit names them. */
interface Lead {
  readonly email: string;
  readonly actor: Actor;
}

async function leadOf({ session, options }: Desk, request: Request): Promise<Lead> {
  const { teammate, role } = await session.teammate(request);
  if (role !== "lead")
    throw new DeskhandError("input.forbidden", "only a lead can change procedures");
  const email = teammate.email ?? teammate.id;
  return {
    email,
    actor: {
      name: teammate.name,
      pseudonym: (transaction) => options.parts.pseudonym(transaction, email),
    },
  };
}

/** Keeps a text also with mistakes, so that no lead loses work, and says them at once; it cannot be tested until then. */
function save(desk: Desk): RequestHandler {
  const { procedures: shelf } = desk.options;
  return async (request, response) => {
    const { email: author } = await leadOf(desk, request);
    const { name, text, basis } = parseInput(Written, request.body);
    const unkept = keepingProblems(name, text);
    if (unkept.length > 0) {
      response.json({ saved: false, problems: unkept, basis, address: "" });
      return;
    }
    await saveDraft(shelf.desk, { name, text, origin: "console", author }, basis);
    const { problems } = await lookedAt(shelf, { name, text });
    response.json({ saved: true, problems, basis: digestOf(text), address: pathOf(name) });
  };
}

/** The version that a button was drawn for, while it still has the state the button belongs to. */
async function pressedVersion(
  desk: Desk,
  request: Request,
  states: readonly ProcedureVersion["state"][],
): Promise<ProcedureVersion> {
  const { version } = parseInput(Pressed, request.body);
  const versions = await versionsNamed(desk.options.procedures, named(request, "name"));
  const found = versions.find((one) => one.version === version && states.includes(one.state));
  if (found === undefined)
    throw new DeskhandError(
      "input.invalid",
      `version ${version} is no longer what this button is about; look at the page again`,
    );
  return found;
}

/** Tests take as long as the model does, so the page shows what they come to when they end. */
function test(desk: Desk): RequestHandler {
  const { procedures: shelf } = desk.options;
  return async (request, response) => {
    await leadOf(desk, request);
    const version = await pressedVersion(desk, request, ["draft", "proposed", "published"]);
    const { ended } = await startTests(shelf, version);
    // Whatever they came to stands with the version; a result that could not be kept is shown as broken off there.
    ended.catch(() => undefined);
    response.json({});
  };
}

function publish(desk: Desk): RequestHandler {
  const { procedures: shelf } = desk.options;
  return async (request, response) => {
    const { actor } = await leadOf(desk, request);
    const kept = await pressedVersion(desk, request, ["draft"]);
    const { kind, version } = await askLeads(
      shelf,
      { name: kept.name, text: kept.text, kept },
      actor,
    );
    if (kind !== "asked")
      throw new DeskhandError(
        "input.invalid",
        kind === "in use"
          ? `this text is in use already, as version ${version}`
          : `this text waits for leads already, as version ${version}`,
      );
    response.json({});
  };
}

function discard(desk: Desk): RequestHandler {
  return async (request, response) => {
    const { actor } = await leadOf(desk, request);
    const { name } = await pressedVersion(desk, request, ["draft"]);
    await discardDraft(desk.options.procedures.desk, name, actor);
    response.json({});
  };
}

function rollBack(desk: Desk): RequestHandler {
  return async (request, response) => {
    const { actor } = await leadOf(desk, request);
    const { name } = await pressedVersion(desk, request, ["published"]);
    await goBack(desk.options.procedures.desk, name, actor);
    response.json({});
  };
}
