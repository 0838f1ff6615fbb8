/** The team: who has which role. */

import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { nameFromAddress } from "#core/values/words.ts";
import { Role } from "#core/values/vocabulary.ts";
import type { PolicyDraft, PolicyWish } from "#jobs/policy/own-change.ts";
import { editedPolicy, withoutTeammate } from "#policy/edit-policy.ts";
import { person } from "#policy/roles.ts";
import { choice, dataForm, field, hidden, sendButton } from "#server/console/forms.ts";
import { sends, type PageContent, type Subject } from "#server/console/frame.ts";
import { link, section, soft, table, trace } from "#server/console/parts.ts";
import { requireLead, type Visit } from "#server/console/session.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import { issuePass } from "#store/identity/sessions.ts";
import { Basis, FORMS, LEADS_ONLY, PATH, policyForm, policyPress, policyTabs } from "./draft.ts";

const TEAM = FORMS.team.href;

const Who = z.string().trim().min(2).max(200);
const Given = z.strictObject({ basis: Basis, who: Who, role: Role });
const Removed = z.strictObject({ basis: Basis, who: Who });
const Invited = z.strictObject({ who: z.email().max(200).toLowerCase() });

/** The page, and what its forms and buttons send. */
export const TEAM_PAGES: Subject = {
  place: PATH,
  pages: { "/policy/team": policyForm(FORMS.team, teamView) },
  forms: { "/policy/team/link": sends(Invited, invite) },
  presses: {
    "/policy/team/role": policyPress(TEAM, Given, roleGiven),
    "/policy/team/remove": policyPress(TEAM, Removed, roleTaken),
  },
  leadsOnly: LEADS_ONLY,
};

function teamView({ parts }: Visit, draft: PolicyDraft): Html {
  const { roles } = draft.file.document;
  const rows = Role.options.toReversed().flatMap((role) =>
    roles[role].map((who) => [
      html`<b class="words">${who}</b>`,
      role,
      isInvitable(parts, who) &&
        html`<form method="post" action="${TEAM}/link">
          ${hidden({ who })}
          <button type="submit">Make a link</button>
        </form>`,
      sendButton("Remove", {
        to: `${TEAM}/remove`,
        body: { basis: draft.basis, who },
        asks:
          role === "lead"
            ? `The other leads decide on it, without ${who}.`
            : `${who} can decide nothing from now on.`,
        className: "danger",
      }),
    ]),
  );
  const holder = html`required="" maxlength="200" type="email"`;
  return html`${section(
    "people",
    "Who may decide",
    table(["Person", "Role", "Sign in", "Change"], rows),
  )}
  ${section(
    "add",
    "Add a teammate, or change a role",
    dataForm(`${TEAM}/role`, { press: "Give this role" }, [
      hidden({ basis: draft.basis }),
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
        "Support decides on cards. Leads decide on the policy, procedures and help pages too. All sign in with Slack, or by a link that the command console EMAIL prints on the server; for support, Make a link does so too.",
      ),
    ]),
  )}`;
}

/** Support alone, in the policy in force: two leads who decide on it have to be two people. */
function isInvitable({ policy }: Visit["parts"], who: string): boolean {
  return (
    z.email().safeParse(who).success &&
    policy.roleOf({ id: `console:${who}`, email: who }) === "support"
  );
}

/** The link, shown this once for its maker to hand over. Who made it for whom stands in the audit, and the link nowhere. */
async function invite(visit: Visit, { who }: z.infer<typeof Invited>): Promise<PageContent> {
  requireLead(visit, LEADS_ONLY);
  const { parts, now } = visit;
  if (!isInvitable(parts, who)) throw invalidInput(`${who} has no support role in force`);
  const name = nameFromAddress(who);
  const code = await visit.run(async (transaction) => {
    const holder = { email: who, name, isInvited: true };
    const made = await issuePass(transaction, "code", holder, now);
    const invited = await parts.pseudonym(transaction, who);
    await visit.audit(transaction, "sign_in_link", { for: invited });
    return made;
  });
  const address = new URL(addressWith("/console/enter", { code }), parts.cardLink(""));
  return {
    title: `A link for ${name}`,
    isNarrow: true,
    tools: policyTabs(TEAM),
    body: html`<div class="box stack">
      <p>Send it to ${name} alone. It is shown this once, and works once and for ten minutes.</p>
      ${trace(address.href)}
      ${soft(`It signs in as ${who} for eight hours. Where two people decide, a sign-in by it does not count: you could have opened it yourself. The audit says that you made it.`)}
      <p>${link(TEAM, "I have copied it", "button")}</p>
    </div>`,
  };
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
  { text }: PolicyDraft,
): ReturnType<PolicyWish["edit"]> {
  const without = withoutTeammate(text, who);
  if (without === null)
    throw invalidInput(
      `without ${who} there would be no lead, or fewer people than a rule asks for; add a person first`,
    );
  return { why: `${who} no longer has a role`, text: without };
}
