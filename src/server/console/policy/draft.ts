/** What the policy's pages share: their tabs, the change that waits, and how a form of a lead becomes a change. */

import { z } from "zod";
import { draftsUnder, policyCard } from "#jobs/policy/card.ts";
import {
  changePolicy,
  policyDraft,
  type PolicyDraft,
  type PolicyWish,
} from "#jobs/policy/own-change.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { changedLines } from "#policy/edit-policy.ts";
import { openPolicyFile } from "#policy/load-policy.ts";
import { cardView } from "#server/console/case/card.ts";
import { sends, type PageContent } from "#server/console/frame.ts";
import { none, soft, tabs, trace } from "#server/console/parts.ts";
import type { Caller, Visit } from "#server/console/session.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { proposedChange, type PolicyChange } from "#store/policy/policy-changes.ts";

/** Where the policy is shown. */
export const PATH = "/console/policy";

/** Why a teammate who is no lead may send none of these forms. */
export const LEADS_ONLY = "only a lead can change the policy";

/** Each page of the policy that has a form. */
export const FORMS = {
  replies: { href: `${PATH}/replies`, name: "Replies" },
  amounts: { href: `${PATH}/amounts`, name: "Amounts and limits" },
  team: { href: `${PATH}/team`, name: "Team" },
  hours: { href: `${PATH}/hours`, name: "Opening hours" },
  webhooks: { href: `${PATH}/webhooks`, name: "Webhooks" },
} as const;

/** Where tokens are made, which is no form over the policy. */
export const ACCESS = { href: `${PATH}/access`, name: "Access" } as const;

/** The pages of the policy, as tabs. */
export function policyTabs(here: string): Html {
  return tabs("Policy", [{ href: PATH, name: "In force" }, ...Object.values(FORMS), ACCESS], here);
}

/** The change that waits, asked for again and again; with `live`, together with the rest of its page. */
export async function waitingView(visit: Visit, live = ""): Promise<Html> {
  const proposed = await visit.run(proposedChange);
  return html`${refusedView(visit)}
    <section
      id="cards"
      class="stack"
      aria-label="What waits for agreement"
      ${live !== "" && html`data-parts=""`}
      data-live="${live === "" ? "/console/part/policy" : live}"
    >
      ${await proposedView(proposed, visit)}
    </section>`;
}

/** Why the file as it is now is not used, with its lines; nothing while it can be. */
function refusedView({ options }: Visit): HtmlValue {
  const { source, text, requireRules } = options.policyPlace;
  try {
    const file = text();
    if (file !== null) requireRules(openPolicyFile(file, source.name).policy);
    return null;
  } catch (error) {
    return html`<section class="notice warn stack" id="refused">
      <p>The policy file cannot be used, so the policy in force stays as it is:</p>
      ${trace(error instanceof DeskhandError ? error.message : reasonOf(error))}
    </section>`;
  }
}

/** The card of the change that waits. */
export async function proposedView(proposed: PolicyChange | null, visit: Visit): Promise<Html> {
  if (proposed === null) return none("No change waits for agreement.", "no-change");
  const card = policyCard(proposed, await draftsUnder(visit.parts.store, proposed));
  return cardView({ ...card, zone: visit.zone }, null);
}

/** The page of a form over the policy. `draw` is for leads, and gets what the form begins with. */
export function policyForm(
  { href, name }: (typeof FORMS)[keyof typeof FORMS],
  draw: (visit: Visit, draft: PolicyDraft) => Promise<HtmlValue> | HtmlValue,
): (visit: Visit) => Promise<PageContent> {
  return async (visit) => {
    const { policyPlace } = visit.options;
    const draft = await visit.run(policyDraft, policyPlace);
    const outcome = OUTCOMES.get(visit.asked("set"));
    const body = !visit.isLead
      ? none("Only a lead can change the policy.")
      : draft === null
        ? none("There is no policy in force yet.")
        : html`${fileView(visit, draft)} ${await draw(visit, draft)}`;
    return {
      title: name,
      tools: policyTabs(href),
      body: html`${outcome !== undefined && html`<p class="notice" role="status">${outcome}</p>`}
      ${await waitingView(visit)} ${body}`,
    };
  };
}

/** What came of the form that led to a page. */
const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ["activated", "It is in force now."],
  [
    "proposed",
    "It permits more than before, so the leads decide on it below. What it makes stricter is in force already.",
  ],
  ["same", "The policy is again what is in force."],
]);

/** What the form begins with beside what is in force, and whether the file has it. */
function fileView({ options }: Visit, draft: PolicyDraft): HtmlValue {
  const { active, proposed, isFileRefused } = draft;
  const { source, text, isWritten } = options.policyPlace;
  const file = text();
  const waits = proposed !== null && soft("The form shows the change that waits as agreed to.");
  if (source.kind === "built-in")
    return html`${waits}
    ${soft("This policy is part of the program. What is agreed to here is kept in the database.")}`;
  if (file === null || (isWritten() && !isFileRefused)) return waits;
  const lines = active.madeFrom === null ? [] : changedLines(file, active.text);
  return html`${waits}
    <section class="notice warn stack" id="file">
      <p>
        ${isWritten() ? "Leads did not agree to" : "Deskhand may not write"} the policy file
        (${source.name}). What is agreed to is in force all the
        same.${lines.length > 0 && " Put these lines there, so that the next change of the file has them:"}
      </p>
      ${lines.length > 0 && trace(lines.join("\n"))}
    </section>`;
}

/** Every form over the policy sends what it began with. */
export const Basis = z.string().max(100);

/** A press that changes the policy as `edit` says, and leads back to its page. */
export function policyPress<Shape extends z.ZodType<{ readonly basis: string }>>(
  href: string,
  shape: Shape,
  edit: (sent: z.output<Shape>, draft: PolicyDraft) => ReturnType<PolicyWish["edit"]>,
): (caller: Caller) => Promise<object> {
  return sends(shape, async ({ parts, options, pseudonym, asked }: Caller, sent) => {
    const { outcome } = await changePolicy(parts, options.policyPlace, {
      basis: sent.basis,
      edit: (draft) => edit(sent, draft),
      by: pseudonym,
    });
    return { address: addressWith(href, { channel: asked("channel"), set: outcome }) };
  });
}
