/** Draws one card of the console with its buttons. */

import { element, visible } from "./dom.js";

const LABELS = {
  edit: "Edit",
  reject: "Reject",
  escalate: "Escalate",
  undo: "Undo",
  dismiss: "Dismiss",
  claim: "Claim",
  release: "Give back",
  redo: "Redo",
  take_over: "Take over",
  thumbs_up: "👍 I would send it",
  thumbs_down: "👎 I would not",
};

/** Seldom needed buttons have a row of their own, so that the decision is easy to hit in the first row. */
const SELDOM = new Set(["claim", "release", "redo", "take_over"]);

/** A card with the same content in the same order as on the desk. `press` receives the pressed button. */
export function cardView(card, press) {
  return element(
    "article",
    {
      className: card.state === "shadow" ? "card box shadow" : "card box",
      id: card.approvalId,
      tabIndex: -1,
    },
    shadowBand(card),
    element("h3", { textContent: visible(card.headline) }),
    ...content(card),
    element(
      "div",
      { className: "row" },
      ...card.buttons.filter((name) => !SELDOM.has(name)).map((name) => button(card, name, press)),
    ),
    element(
      "div",
      { className: "row" },
      ...card.buttons.filter((name) => SELDOM.has(name)).map((name) => button(card, name, press)),
      whyButton(card, press),
    ),
    footer(card),
  );
}

/** A decided card is one line that opens to its full content. */
export function decidedView(card, press) {
  const line = [card.headline, card.closing].filter((part) => part !== "").join(" · ");
  return element(
    "details",
    { className: "box", id: card.approvalId },
    element("summary", { textContent: visible(line) }),
    element("div", { className: "card" }, ...content(card), whyButton(card, press), footer(card)),
  );
}

function content(card) {
  if (card.kind === "policy") return [standing(card), ...policyLines(card)].filter(isThere);
  return [
    standing(card),
    list("Changed since it was posted", card.changes, "notice warn"),
    ...card.edits.map(({ by, lines }) => list(`Changed by ${visible(by)}`, lines, "")),
    requester(card),
    records(card.told.records),
    actions(card),
    quote(`${card.requester.name} wrote`, card.asked, "quote"),
    translated("In", card.translation?.asked, card),
    files(card.files ?? []),
    draft(card),
    translated("The draft in", card.translation?.draft, card),
    ...opinions(card),
  ].filter(isThere);
}

/** A shadow card must look unlike one that has an effect. */
function shadowBand({ state }) {
  if (state !== "shadow") return null;
  return element(
    "div",
    { className: "notice" },
    element("p", { className: "band", textContent: "Shadow: nothing is sent" }),
    element("p", {
      textContent: "People answer this customer. Would you have sent the draft below?",
    }),
  );
}

/** The teammates' ratings of a shadow draft, and what they would have written. */
function opinions({ opinions: given = [] }) {
  if (given.length === 0) return [];
  const said = given.map(({ name, wouldSend }) => `${wouldSend ? "👍" : "👎"} ${name}`);
  return [
    element("p", { className: "words", textContent: visible(said.join(" · ")) }),
    ...given.map(({ name, ownAnswer }) => quote(`${name} would have written`, ownAnswer, "quote")),
  ];
}

function isThere(part) {
  return part !== null;
}

/** A policy change has no requester: only its lines are shown, each under the heading in `rule`. */
function policyLines({ actions }) {
  const headings = [...new Set(actions.map(({ rule }) => rule))];
  return headings.map((heading) =>
    list(
      heading,
      actions.filter(({ rule }) => rule === heading).map(({ label }) => label),
      "",
    ),
  );
}

/** The card's status, read before everything else. */
function standing(card) {
  const lines = [
    ...(card.aside === null
      ? []
      : [`${card.aside.kind === "paused" ? "⏸" : "🔁"} ${card.aside.text}`]),
    ...(card.claim === undefined
      ? []
      : [
          `🙋 ${card.claim.name} has this until ${new Date(card.claim.until).toLocaleTimeString()}`,
        ]),
    ...(card.state === "undoable" ? [`⏳ ${card.closing}`] : []),
    ...(card.progress === "" ? [] : [`👥 ${card.progress}`]),
    ...card.flags.map((flag) => `⚠ ${flag}`),
  ];
  if (lines.length === 0) return null;
  return element(
    "div",
    { className: "notice warn" },
    ...lines.map((line) => element("p", { className: "words", textContent: visible(line) })),
  );
}

function requester(card) {
  const { name, address, verification, level } = card.requester;
  return element(
    "div",
    {},
    element("p", { className: "words", textContent: visible(`${name} · ${address}`) }),
    element("span", {
      className: level >= 2 ? "badge" : "badge warn",
      textContent: level >= 2 ? "✓ Verified" : "Not verified",
    }),
    element("span", {
      className: "soft",
      textContent: visible(` level ${level} · ${verification}`),
    }),
    times(card) === "" ? null : soft(times(card)),
  );
}

/** Since when the customer waits, and whose deadline is when; in the reader's time zone. */
function times({ around: { since, due }, expiresAt, state }) {
  const local = (at) => new Date(at).toLocaleString();
  return [
    since === null ? "" : `Waiting since ${local(since)}`,
    due === null ? "" : `due ${local(due.at)} (${due.by})`,
    expiresAt === null || state !== "pending"
      ? ""
      : `expires ${local(expiresAt)}${due === null ? " (policy)" : ""}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

/** The shop's records about the requester. */
function records([first, ...open]) {
  if (first === undefined) return null;
  return element(
    "div",
    {},
    soft(first),
    open.length === 0
      ? null
      : element(
          "ul",
          { className: "soft" },
          ...open.map((line) =>
            element("li", { className: "words", textContent: visible(line.replace(/^• /, "")) }),
          ),
        ),
  );
}

function soft(line) {
  return element("p", { className: "soft words", textContent: visible(line) });
}

/** Files the customer sent. They are offered as downloads, never shown, since they are not trusted. */
function files(lines) {
  if (lines.length === 0) return null;
  return element(
    "div",
    {},
    element("h4", { textContent: "Files" }),
    element(
      "ul",
      {},
      ...lines.map((file) => element("li", { className: "words" }, ...fileWords(file))),
    ),
  );
}

function fileWords({ id, name, mediaType, bytes, reason, isKept }) {
  const called = visible(name) || "file without a name";
  const details = ` (${visible(mediaType)}, ${sizeWords(bytes)})`;
  if (!isKept) return [`${called}${details}: not opened, ${visible(reason)}`];
  return [
    element("a", { href: `/console/files/${id}`, textContent: called, download: "" }),
    details,
  ];
}

function sizeWords(bytes) {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000
    ? `${Math.round(bytes / 1_000)} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function actions(card) {
  const will = card.state === "shadow" ? "Would" : "Will";
  const shown = list(
    card.actions.length > 1 ? `${will} do, in this order` : `${will} do`,
    card.actions.map(({ label }) => label),
    "",
  );
  const rules = [...new Set(card.actions.map(({ rule }) => rule))].filter((rule) => rule !== "");
  if (shown !== null && rules.length > 0)
    shown.append(
      element("p", { className: "soft", textContent: visible(`Rule: ${rules.join("; ")}`) }),
    );
  return shown;
}

function draft({ draft: shown, told, state }) {
  if (shown === null) return null;
  const quoted = quote(
    `${state === "shadow" ? "What I would have written" : "Draft"} to ${shown.to}`,
    told.draft,
    "quote draft",
  );
  if (quoted === null) return null;
  if (told.readers !== "") quoted.querySelector("h4").after(soft(told.readers));
  quoted.append(...told.footnotes.map(soft));
  if (told.footnotes.length === 0 && shown.sources.length > 0)
    quoted.append(
      element("p", {
        className: "soft",
        textContent: visible(`Sources: ${shown.sources.join("; ")}`),
      }),
    );
  return quoted;
}

/** For reading only: the customer gets the draft itself. */
function translated(heading, text, { translation }) {
  if (text === undefined) return null;
  const { into, by } = translation;
  return quote(`${heading} ${into}, for the team: translated by ${by}, never sent`, text, "quote");
}

function quote(heading, text, className) {
  if (text.trim() === "") return null;
  return element(
    "div",
    { className },
    element("h4", { textContent: visible(heading) }),
    element("div", { className: "words", textContent: visible(text), dir: "auto" }),
  );
}

function list(heading, lines, className) {
  if (lines.length === 0) return null;
  return element(
    "div",
    { className },
    element("h4", { textContent: heading }),
    element(
      "ul",
      {},
      ...lines.map((line) => element("li", { className: "words", textContent: visible(line) })),
    ),
  );
}

function button(card, name, press) {
  const kinds = { approve: "main", reject: "danger" };
  return element("button", {
    type: "button",
    className: kinds[name] ?? "",
    name,
    textContent: name === "approve" ? card.approveLabel || "Approve" : LABELS[name],
    onclick: () => press(name, card),
  });
}

/** A turn can be explained; a policy change has nothing more to explain. */
function whyButton(card, press) {
  if (card.kind === "policy") return null;
  return element("button", {
    type: "button",
    className: "plain",
    textContent: "Why?",
    onclick: () => press("why", card),
  });
}

function footer(card) {
  const parts = [
    card.kind === "policy" ? card.conversationLabel : `${card.channel}, ${card.conversationLabel}`,
    // Other cards show it next to the requester.
    card.kind === "policy" && card.state === "pending" && card.expiresAt !== null
      ? `expires ${new Date(card.expiresAt).toLocaleString()}`
      : "",
    card.model === "" || card.draft === null ? "" : `drafted by ${card.model}`,
  ].filter((part) => part !== "");
  return element("p", { className: "soft words", textContent: visible(parts.join(" · ")) });
}
