/** Access by program: the tokens of teammates and machines, each made here and shown once. */

import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { choice, field, sendButton, tickBox } from "#server/console/forms.ts";
import { sends, type PageContent, type Subject } from "#server/console/frame.ts";
import { dotted, link, listView, rowView, section, soft, trace } from "#server/console/parts.ts";
import { requireLead, type Caller, type Visit } from "#server/console/session.ts";
import { html, type Html } from "#server/http/html.ts";
import { whyOff } from "#server/api/bearer.ts";
import {
  listedTokens,
  makeToken,
  PERSONAL_SCOPES,
  revokeToken,
  TOKEN_DAYS_MAX,
  TokenScope,
  type AccessToken,
} from "#store/identity/access-tokens.ts";
import { ACCESS, PATH, policyTabs } from "./draft.ts";

const Made = z
  .strictObject({
    label: z
      .string()
      .trim()
      .regex(/^[^@]{1,100}$/, "has 1 to 100 characters and no @"),
    holder: z.enum(["me", "machine"]),
    days: z.coerce.number().int().min(1).max(TOKEN_DAYS_MAX),
    /** One box that is ticked, or several. */
    scopes: z.union([TokenScope.transform((scope) => [scope]), z.array(TokenScope).min(1)], {
      error: "tick what it may do",
    }),
  })
  .refine(
    ({ holder, scopes }) =>
      holder === "me" || !scopes.some((scope) => PERSONAL_SCOPES.includes(scope)),
    { error: `a machine's token never has ${PERSONAL_SCOPES.join(" or ")}` },
  )
  .refine(({ scopes }) => !PERSONAL_SCOPES.every((scope) => scopes.includes(scope)), {
    error: "who proposes does not decide: make one token for your assistant, and another for cards",
  });
const Revoked = z.strictObject({ id: z.string().min(1).max(100) });

/** The page, its form, which answers with the token, and the button that revokes one. */
export const ACCESS_PAGES: Subject = {
  place: PATH,
  pages: { "/policy/access": (visit) => accessPage(visit) },
  forms: { "/policy/access": makeOrSay },
  presses: { "/policy/access/revoke": sends(Revoked, revoke) },
};

/** Everybody sees their own; leads see all. */
async function accessPage(visit: Visit, problem = ""): Promise<PageContent> {
  const { run, isLead, email } = visit;
  const tokens = await run(listedTokens, isLead ? null : email);
  return {
    title: ACCESS.name,
    tools: policyTabs(ACCESS.href),
    body: html`${problem !== "" && html`<p class="notice warn" role="alert">No token was made: ${problem}.</p>`}
    ${section(
      "tokens",
      isLead ? "Tokens" : "Your tokens",
      listView({
        label: "Tokens",
        none: "There is no token. Programs can do nothing here without one.",
        rows: tokens.map((token) => tokenRow(token, visit)),
      }),
      "plain",
    )}
    ${section("make", "Make a token", makeForm(isLead))}`,
  };
}

function tokenRow(token: AccessToken, { when, now, email, parts }: Visit): Html {
  const { id, label, scopes, name, madeBy, usedAt, expiresAt, revokedAt } = token;
  const isOver = revokedAt !== null || expiresAt <= now;
  const used = usedAt === null ? "never used" : `last used ${when(usedAt)}`;
  const end =
    revokedAt === null
      ? `${isOver ? "ended" : "ends"} ${when(expiresAt)}`
      : `revoked ${when(revokedAt)}`;
  return rowView({
    id,
    what: label,
    about: dotted([
      token.email === null ? `a machine, by ${madeBy}` : token.email === email ? "yours" : name,
      scopes.join(", "),
    ]),
    beneath: dotted([whyOff(token, parts.policy), end, used]),
    marks:
      !isOver &&
      sendButton("Revoke", {
        to: `${ACCESS.href}/revoke`,
        body: { id },
        asks: `Programs that use “${label}” are refused from now on.`,
        className: "danger",
      }),
  });
}

/** Sent without a script, so that the answer is a page that shows the token and is nowhere kept. */
function makeForm(isLead: boolean): Html {
  return html`<form class="stack" method="post" action="${ACCESS.href}" autocomplete="off">
    <div class="filters">
      ${field("label", "What it is for", "", html`required="" maxlength="100"`, "grow")}
      ${choice(
        "holder",
        "It acts as",
        [["me", "me, with my role"], ...(isLead ? ([["machine", "a machine"]] as const) : [])],
        "me",
      )}
      ${field("days", "Days until it ends", "90", html`type="number" min="1" max="${TOKEN_DAYS_MAX}"`)}
    </div>
    <fieldset>
      <legend>What it may do</legend>
      <div class="filters">
        ${TokenScope.options.map((scope) => {
          const isTicked = scope === "cases:read" && html`checked=""`;
          return tickBox("scopes", WORDS[scope], html`value="${scope}" ${isTicked}`);
        })}
      </div>
    </fieldset>
    ${soft("A token of yours can do what you may, with the role you have at that moment. A machine's may never decide on a card.")}
    <div class="row"><button type="submit" class="main">Make the token</button></div>
  </form>`;
}

const WORDS: Readonly<Record<TokenScope, string>> = {
  "cases:read": "read cases and cards",
  "cards:decide": "decide on cards",
  "messages:write": "bring in messages",
  "knowledge:write": "read and write help pages",
  "reports:read": "read figures",
  assistant: "read cases and propose, as your assistant",
};

/** The page with the new token; one whose form says too little is shown again with what is missing. */
async function makeOrSay(visit: Visit): Promise<PageContent> {
  try {
    return await make(visit, visit.sent(Made));
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.retry) throw error;
    return accessPage(visit, error.message);
  }
}

async function make(visit: Visit, { holder, ...wish }: z.infer<typeof Made>): Promise<PageContent> {
  const { email, name, now } = visit;
  if (visit.teammate.invited === true)
    throw new DeskhandError("input.forbidden", "your sign-in came by a link that a lead made");
  const isMachine = holder === "machine";
  if (isMachine) requireLead(visit, "only a lead can make a token for a machine");
  const id = visit.parts.ids.next("tok");
  const text = await visit.run(async (transaction) => {
    const holds = isMachine ? "machine" : await visit.pseudonym(transaction);
    const own = isMachine ? null : { email, name };
    const made = await makeToken(transaction, { ...wish, id, holder: own, madeBy: email }, now);
    await visit.audit(transaction, "token_made", { token: id, holder: holds, scopes: wish.scopes });
    return made;
  });
  return {
    title: `The token for “${wish.label}”`,
    isNarrow: true,
    tools: policyTabs(ACCESS.href),
    body: html`<div class="box stack">
      <p>Copy it now: it is shown this once, and only a digest of it is kept.</p>
      ${trace(text, "token")}
      ${soft(`It may ${wish.scopes.map((scope) => WORDS[scope]).join(", ")}. Send it as Authorization: Bearer. Never put it into a page or a repository.`)}
      <p>${link(ACCESS.href, "I have copied it", "button")}</p>
    </div>`,
  };
}

async function revoke(press: Caller, { id }: z.infer<typeof Revoked>): Promise<object> {
  const { now, isLead, email } = press;
  const revoked = await press.run(async (transaction) => {
    const wanted = { id, email: isLead ? null : email };
    if (!(await revokeToken(transaction, wanted, now))) return false;
    await press.audit(transaction, "token_revoked", { token: id });
    return true;
  });
  if (!revoked) throw new DeskhandError("input.invalid", "there is no such token that still holds");
  return {};
}
