/** The team: who has which role, and links that sign a teammate in once. */

import { z } from "zod";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import { Role } from "#core/values/vocabulary.ts";
import { nameFromAddress } from "#core/values/words.ts";
import type { PolicyDraft, PolicyWish } from "#jobs/policy/own-change.ts";
import { tightenedPart } from "#policy/compare/tightened-part.ts";
import { editedPolicy } from "#policy/edit-policy.ts";
import { person } from "#policy/roles.ts";
import type { PolicyDocument } from "#policy/schema.ts";
import { choice, dataForm, field, sendButton } from "#server/console/forms.ts";
import type { PageContent, Subject } from "#server/console/frame.ts";
import { link, row, section, soft, table } from "#server/console/parts.ts";
import { requireLead, type Visit } from "#server/console/session.ts";
import { html, type Html } from "#server/http/html.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { issueCode } from "#store/identity/console-sessions.ts";
import { Basis, basisField, FORMS, LEADS_ONLY, PATH, policyForm, policyPress } from "./draft.ts";

const TEAM = FORMS.team.href;

const Who = z.string().trim().min(2).max(200);
const Given = z.strictObject({ basis: Basis, who: Who, role: Role });
const Removed = z.strictObject({ basis: Basis, who: Who });
const Invited = z.looseObject({ who: z.email().max(200).toLowerCase() });

/** The page, and what its forms and buttons send. */
export const TEAM_PAGES: Subject = {
  place: PATH,
  pages: { "/policy/team": policyForm(FORMS.team, teamView) },
  presses: {
    "/policy/team/role": policyPress(TEAM, Given, roleGiven),
    "/policy/team/remove": policyPress(TEAM, Removed, roleTaken),
  },
  forms: { "/policy/team/link": linkPage },
  leadsOnly: LEADS_ONLY,
};

function teamView({ parts }: Visit, draft: PolicyDraft): Html {
  const { roles } = draft.file.document;
  const rows = Role.options.toReversed().flatMap((role) =>
    roles[role].map((who) => [
      html`<b class="words">${who}</b>`,
      role,
      row(
        parts.policy.roleOf({ id: who, email: who }) !== null &&
          z.email().safeParse(who).success &&
          html`<form method="post" action="${TEAM}/link">
            <input type="hidden" name="who" value="${who}" /><button type="submit">
              Make a sign-in link
            </button>
          </form>`,
        sendButton("Remove", {
          to: `${TEAM}/remove`,
          body: { basis: draft.basis, who },
          asks: `${who} may decide nothing any more, at once.`,
          className: "danger",
        }),
      ),
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
      soft("Support decides on cards. Leads decide on the policy, procedures and help pages too."),
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
  return { why: `${who} has no role any more`, text: part.text };
}

/** The page that shows a new link, once. */
async function linkPage(visit: Visit): Promise<PageContent> {
  requireLead(visit, "only a lead can make sign-in links");
  const { who } = visit.sent(Invited);
  const { parts, now } = visit;
  if (parts.policy.roleOf({ id: who, email: who }) === null)
    throw new DeskhandError("input.forbidden", `the policy gives ${who} no role`);
  const code = await visit.run(async (transaction) => {
    const data = {
      user: await visit.pseudonym(transaction),
      for: await parts.pseudonym(transaction, who),
    };
    await appendAudit(transaction, { kind: "console_link", data }, now);
    return issueCode(transaction, { email: who, name: nameFromAddress(who) }, now);
  });
  const { origin } = new URL(parts.cardLink(""));
  return {
    title: `A sign-in link for ${who}`,
    isNarrow: true,
    tools: html`<p>${link(TEAM, "← Team")}</p>`,
    body: html`<section class="box stack">
      <p>
        Send this to ${who} and to nobody else: it signs in whoever opens it. It works once, within
        ten minutes, and is not shown again.
      </p>
      <p><code class="words" id="link">${`${origin}/console/enter?code=${code}`}</code></p>
    </section>`,
  };
}
