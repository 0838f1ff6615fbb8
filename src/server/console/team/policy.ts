/** The page of the policy: what is in force, what waits for agreement, what one case would get, and the history. */

import type { Request } from "express";
import { reasonOf } from "#core/values/errors.ts";
import { momentText } from "#core/values/moment.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { draftsUnder, policyCard } from "#jobs/policy/card.ts";
import { explain } from "#policy/explain/explain.ts";
import { explanationText } from "#policy/explain/explain-text.ts";
import { questionFrom, typedCase } from "#policy/explain/question.ts";
import { policySummary } from "#policy/explain/summary.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import { CursorText, cursorText } from "#store/console/cursor.ts";
import { changeInForce, policyChanges, proposedChange } from "#store/console/policy-history.ts";
import type { PolicyChange } from "#store/policy/policy-changes.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { cardView } from "#server/console/card/card-view.ts";
import { pager, type PageContent, type Visit } from "#server/console/frame.ts";
import { asked, type Desk } from "#server/console/visit.ts";

const PATH = "/console/policy";
/** A policy file longer than this is shown in part; the file itself is where it is edited. */
const TEXT_MAX = 40_000;

/** Everything about the policy. */
export async function policyPage(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent> {
  const after = CursorText.parse(asked(request, "after"));
  const { inForce, proposed, history } = await parts.store.run(async (transaction) => ({
    inForce: await changeInForce(transaction, parts.policy.version),
    proposed: await proposedChange(transaction),
    history: await policyChanges(transaction, after),
  }));
  return {
    place: PATH,
    title: "Policy",
    body: html`<section
        id="cards"
        class="stack"
        aria-label="What waits for agreement"
        data-live="/console/part/policy"
      >
        ${await proposedView(parts.store, proposed, visit)}
      </section>
      ${explainView(inForce, parts.policy.operations, visit, request)}
      ${inForceView(inForce, parts.policy.version, visit)}
      <section class="stack" aria-labelledby="history-title">
        <h2 id="history-title">History</h2>
        <ol class="cases">
          ${history.rows.map((change) => changeRow(change, visit))}
        </ol>
        ${pager({
          first: after === null ? null : PATH,
          next:
            history.next === null ? null : addressWith(PATH, { after: cursorText(history.next) }),
        })}
      </section>`,
  };
}

/** The change that waits alone, which the page asks for again. */
export async function policyCards({ options: { parts } }: Desk, visit: Visit): Promise<Html> {
  const proposed = await parts.store.run((transaction) => proposedChange(transaction));
  return html`${await proposedView(parts.store, proposed, visit)}`;
}

async function proposedView(
  store: Desk["options"]["parts"]["store"],
  proposed: PolicyChange | null,
  visit: Visit,
): Promise<HtmlValue> {
  if (proposed === null)
    return html`<p class="box soft" id="no-change">No change waits for agreement.</p>`;
  const card = policyCard(proposed, await draftsUnder(store, proposed));
  return cardView({ ...card, zone: visit.zone }, null);
}

function inForceView(change: PolicyChange | null, version: string, visit: Visit): Html {
  if (change === null)
    return html`<section class="box">
      <h2>In force</h2>
      <p>Version ${version}. Its text is not stored yet.</p>
    </section>`;
  const since =
    change.activeSince === null
      ? ""
      : `, since ${momentText(change.activeSince, visit.zone, visit.now)}`;
  const isLong = change.text.length > TEXT_MAX;
  return html`<section class="box stack" aria-labelledby="force-title">
    <h2 id="force-title">In force</h2>
    <p>
      Version ${change.version.slice(0, 12)}${since},
      ${change.source === "built-in" ? "the built-in file" : "your file"}.
    </p>
    <details>
      <summary>What it allows, asks for and never does</summary>
      <pre class="trace" tabindex="0">${policySummary(openPolicyInForce(change.text))}</pre>
    </details>
    <details>
      <summary>The whole text</summary>
      <pre class="trace" tabindex="0">${change.text.slice(0, TEXT_MAX)}</pre>
      ${isLong ? html`<p class="soft">It is longer than this page shows.</p>` : ""}
    </details>
  </section>`;
}

/** A form for one case; the answer is the same as that of `policy explain`. */
function explainView(
  inForce: PolicyChange | null,
  operations: readonly string[],
  visit: Visit,
  request: Request,
): HtmlValue {
  if (inForce === null) return null;
  const operation = asked(request, "operation");
  const value = (name: string): string => asked(request, name);
  return html`<section class="box stack" aria-labelledby="explain-title" id="explain">
    <h2 id="explain-title">What would happen if …</h2>
    <form class="filters" method="get" action="${PATH}#explain">
      ${choice("operation", "Action", operations, operation)}
      <label
        >Amount<input
          name="amount"
          value="${value("amount")}"
          inputmode="decimal"
          maxlength="12"
          placeholder="120.00"
      /></label>
      <label
        >Days since delivery<input
          name="age"
          value="${value("age")}"
          inputmode="numeric"
          maxlength="4"
          placeholder="not delivered"
      /></label>
      ${choice("level", "Identity level", ["2", "3", "1", "0"], value("level"))}
      ${choice("channel", "Channel", ChannelName.options, value("channel"))}
      <button type="submit">Explain</button>
    </form>
    ${operation === "" ? "" : html`<pre class="trace" tabindex="0" id="explained">${explained(inForce, request, visit)}</pre>`}
  </section>`;
}

function explained({ text }: PolicyChange, request: Request, { now }: Visit): string {
  const given = (name: string): string | undefined => asked(request, name).trim() || undefined;
  const age = given("age");
  try {
    const file = openPolicyInForce(text);
    const typed = typedCase({
      operation: given("operation"),
      amount: given("amount"),
      orderAge: age,
      notDelivered: age === undefined,
      level: given("level") ?? "2",
      channel: given("channel") ?? "email",
      brand: "",
    });
    const question = questionFrom(typed, file, now);
    return explanationText(file, question, explain(file, question));
  } catch (error) {
    return `That cannot be explained: ${reasonOf(error)}`;
  }
}

function choice(name: string, label: string, values: readonly string[], chosen: string): Html {
  return html`<label
    >${label}<select name="${name}">
      ${values.map(
        (one) =>
          html`<option value="${one}" ${one === chosen ? html` selected=""` : ""}>
            ${one.replaceAll("_", " ")}
          </option>`,
      )}
    </select></label
  >`;
}

const LINES_SHOWN = 12;

function changeRow(change: PolicyChange, { now, zone }: Visit): Html {
  const { id, state, proposedAt, closing, relaxations, differences, version } = change;
  const lines = [
    ...relaxations.map((line) => `permits more: ${line}`),
    ...differences.map((line) => `different: ${line}`),
  ];
  return html`<li class="case-row" id="${state === "proposed" ? `history-${id}` : id}">
    <details>
      <summary>${policyCard(change).headline}</summary>
      <ul>
        ${lines.slice(0, LINES_SHOWN).map((line) => html`<li class="words">${line}</li>`)}
      </ul>
      ${
        lines.length > LINES_SHOWN
          ? html`<p class="soft">and ${lines.length - LINES_SHOWN} more</p>`
          : ""
      }
      <p class="soft words">${id} · version ${version.slice(0, 12)}</p>
    </details>
    <span class="money">${momentText(proposedAt, zone, now)}</span>
    <span class="meta">${[state, closing].filter((part) => part !== "").join(" · ")}</span>
  </li>`;
}
