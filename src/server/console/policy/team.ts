/** The team: who has which role. */

import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { Role } from "#core/values/vocabulary.ts";
import type { PolicyDraft, PolicyWish } from "#jobs/policy/own-change.ts";
import { tightenedPart, editedPolicy } from "#policy/edit-policy.ts";
import { person } from "#policy/roles.ts";
import type { PolicyDocument } from "#policy/schema.ts";
import { choice, dataForm, field, sendButton } from "#server/console/forms.ts";
import type { Subject } from "#server/console/frame.ts";
import { section, soft, table } from "#server/console/parts.ts";
import type { Visit } from "#server/console/session.ts";
import { html, type Html } from "#server/http/html.ts";
import { Basis, basisField, FORMS, LEADS_ONLY, PATH, policyForm, policyPress } from "./draft.ts";

const TEAM = FORMS.team.href;

const Who = z.string().trim().min(2).max(200);
const Given = z.strictObject({ basis: Basis, who: Who, role: Role });
const Removed = z.strictObject({ basis: Basis, who: Who });

/** The page, and what its forms and buttons send. */
export const TEAM_PAGES: Subject = {
  place: PATH,
  pages: { "/policy/team": policyForm(FORMS.team, teamView) },
  presses: {
    "/policy/team/role": policyPress(TEAM, Given, roleGiven),
    "/policy/team/remove": policyPress(TEAM, Removed, roleTaken),
  },
  leadsOnly: LEADS_ONLY,
};

function teamView(_visit: Visit, draft: PolicyDraft): Html {
  const { roles } = draft.file.document;
  const rows = Role.options.toReversed().flatMap((role) =>
    roles[role].map((who) => [
      html`<b class="words">${who}</b>`,
      role,
      sendButton("Remove", {
        to: `${TEAM}/remove`,
        body: { basis: draft.basis, who },
        asks: `${who} can decide nothing from now on.`,
        className: "danger",
      }),
    ]),
  );
  const holder = html`required="" maxlength="200" type="email"`;
  return html`${section(
    "people",
    "Who may decide",
    html`<div class="table-box">${table(["Person", "Role", "Change"], rows)}</div>`,
  )}
  ${section(
    "add",
    "Add a teammate, or change a role",
    dataForm(`${TEAM}/role`, { press: "Give this role" }, [
      basisField(draft),
      html`<div class="filters">
        ${field("who", "E-mail address", "", holder, "grow")}
        ${choice(
          "role",
          "Role",
          Role.options.map((role) => [role, role]),
          "support",
        )}
      </div>`,
      soft(
        "Support decides on cards. Leads decide on the policy, procedures and help pages too. They sign in with Slack, or by a link that the command console EMAIL prints on the server: who makes a link could use it, so this page makes none.",
      ),
    ]),
  )}`;
}

/** A person has one role, so the other one is taken from them. */
function roleGiven(
  { who, role }: z.infer<typeof Given>,
  { file, text }: PolicyDraft,
): ReturnType<PolicyWish["edit"]> {
  const { roles } = file.document;
  const other = role === "lead" ? "support" : "lead";
  const at = (one: Role): number =>
    roles[one].findIndex((holder) => person(holder) === person(who));
  if (at(role) >= 0) throw invalidInput(`${who} is ${role} already`);
  const taken = at(other) < 0 ? [] : [{ path: ["roles", other, at(other)] }];
  const given = { path: ["roles", role, roles[role].length], value: who };
  return { why: `${who} becomes ${role}`, text: editedPolicy(text, [...taken, given]) };
}

/** Taken out of the duty and of who is told as well, where a lead stands in for the last one. */
function roleTaken(
  { who }: z.infer<typeof Removed>,
  { file, text }: PolicyDraft,
): ReturnType<PolicyWish["edit"]> {
  const without = (list: readonly string[]): string[] =>
    list.filter((one) => person(one) !== person(who));
  const { roles } = file.document;
  const document: PolicyDocument = {
    ...file.document,
    roles: { support: without(roles.support), lead: without(roles.lead) },
  };
  const part = tightenedPart(text, file, { ...file, document });
  if (part === null)
    throw invalidInput(
      `without ${who} there would be no lead, or fewer people than a rule asks for; add a person first`,
    );
  return { why: `${who} no longer has a role`, text: part.text };
}
