/** The console page: loads the cards, refreshes them and sends decisions. */

import { cardView, decidedView } from "./card.js";
import { anchorIn, ask, at, element, repeat, tell } from "./dom.js";
import { editForm, opinionForm, redoForm, rejectForm } from "./forms.js";
import { preparePause, showPause } from "./pausing.js";

const REFRESH_MS = 2000;

/** The shown cards by approval id: the element, its data, and the open form. */
const shown = new Map();
let anchored = "";

async function refresh() {
  const answer = await ask("/console/cards");
  tell(at("away"), awayWords(answer));
  if (!answer.ok) return;
  const { me, onlyDesk, recent, shadow, pause, scopes, files } = answer.body;
  const open = answer.body.open.map((card) => ({ ...card, files: files[card.approvalId] ?? [] }));
  at("me").textContent = `${me.name}, ${me.role}`;
  at("only-desk").hidden = !onlyDesk;
  showPause(pause, scopes, me.role, paused);
  document.title = open.length > 0 ? `(${open.length}) Deskhand console` : "Deskhand console";
  show(at("open"), open, cardView);
  show(at("recent"), recent, decidedView);
  show(at("shadow"), shadow, cardView);
  at("shadow-part").hidden = shadow.length === 0;
  forget([...open, ...recent, ...shadow]);
  at("none").hidden = at("open").childElementCount > 0;
  at("none-recent").hidden = recent.length > 0;
  await showAnchor();
}

function awayWords({ ok, status }) {
  if (ok) return "";
  if (status === 401) return "Your session has ended. Open a new link; what you typed stays here.";
  if (status === 403) return "Your address has no role any more, so nothing is shown.";
  return "Deskhand does not answer; trying again.";
}

/** Redraws changed cards in place; a card with an open form is kept and says that it changed. */
function show(place, cards, view) {
  for (const [index, card] of cards.entries()) {
    const key = JSON.stringify(card);
    let entry = shown.get(card.approvalId);
    if (entry === undefined || (entry.key !== key && entry.form === null)) {
      const made = view(card, press);
      const wasOpen = entry?.view.open === true;
      entry?.view.replaceWith(made);
      entry = { view: made, key, form: null, card };
      if (wasOpen && "open" in made) made.open = true;
      shown.set(card.approvalId, entry);
    } else if (entry.key !== key) warn(entry);
    if (place.children[index] !== entry.view)
      place.insertBefore(entry.view, place.children[index] ?? null);
  }
}

/** Removes a card that is gone from the lists, unless it has an open form. */
function forget(cards) {
  const there = new Set(cards.map(({ approvalId }) => approvalId));
  for (const [id, entry] of shown) {
    if (there.has(id)) continue;
    if (entry.form !== null) warn(entry);
    else {
      entry.view.remove();
      shown.delete(id);
    }
  }
}

function warn(entry) {
  if (entry.warned) return;
  entry.warned = true;
  entry.form.prepend(
    element("p", {
      className: "notice warn",
      role: "alert",
      textContent:
        "This card was changed meanwhile. Your text stays here: copy what you need, then press Cancel to see the newest version.",
    }),
  );
}

async function press(name, card) {
  switch (name) {
    case "why":
      return why(card.approvalId, card.traceId);
    case "edit":
      return openEdit(card);
    case "reject":
      return openChecked(card, "reject", () =>
        rejectForm(card, handlersFor(card, "reject", rejected)),
      );
    case "redo":
      return openChecked(card, "redo", () => redoForm(handlersFor(card, "redo", redone)));
    case "thumbs_down":
      return openChecked(card, "thumbs_down", () =>
        opinionForm(handlersFor(card, "thumbs_down", thought)),
      );
    case "approve":
      if (card.confirm !== "" && !(await confirmed(card))) return;
  }
  await decide(card, name, {}, crypto.randomUUID());
}

async function openEdit(card) {
  await openOnce(card, async () => {
    const answer = await ask(`/console/form/${card.approvalId}/${card.version}`);
    if (!answer.ok || "accepted" in answer.body) return say(answer.body.message);
    openForm(card, editForm(answer.body, handlersFor(card, "edit", edited)));
  });
}

/** A teammate who may not decide, or is too late, learns that before typing. */
async function openChecked(card, button, makeForm) {
  await openOnce(card, async () => {
    const answer = await ask(`/console/check/${card.approvalId}/${card.version}/${button}`);
    if (!answer.ok || !answer.body.accepted) return say(wordsFor(answer));
    openForm(card, makeForm());
  });
}

/** Cards whose form is being asked for. */
const opening = new Set();

/** A button pressed twice opens one form: a second form would replace what is being typed. */
async function openOnce({ approvalId }, open) {
  if (opening.has(approvalId)) return;
  opening.add(approvalId);
  try {
    await open();
  } finally {
    opening.delete(approvalId);
  }
}

function edited({ text, amount }) {
  // A browser's text field uses line feeds only, and so does every text that was mailed.
  return { edit: { text, amount: amount ?? null } };
}

/** A policy change is rejected with a text; other cards with a kind, which says what happens next. */
function rejected({ kind, reason, note }) {
  const words = note.trim();
  if (kind !== undefined) return { rejection: kind, reason: words };
  return { reason: words === "" ? reason : `${reason}: ${words}` };
}

function redone({ text }) {
  return { hint: text.trim() };
}

function thought({ text }) {
  return { ownAnswer: text.trim() };
}

function handlersFor(card, button, detailsOf) {
  const clickId = crypto.randomUUID();
  return {
    cancel: () => closeForm(card),
    submit: async (typed) => {
      const answer = await ask("/console/decide", {
        clickId,
        approvalId: card.approvalId,
        version: card.version,
        button,
        ...detailsOf(typed),
      });
      const { accepted, fieldErrors } = answer.body;
      if (answer.ok && accepted) {
        closeForm(card);
        say(wordsFor(answer));
        await refresh();
        return null;
      }
      if (fieldErrors && Object.keys(fieldErrors).length > 0) return fieldErrors;
      return { message: wordsFor(answer) };
    },
  };
}

function openForm(card, form) {
  const entry = shown.get(card.approvalId);
  if (entry === undefined) return;
  entry.form?.remove();
  entry.form = form;
  entry.view.append(form);
  form.querySelector("textarea, select, input").focus();
}

/** The next refresh redraws the card, which may have changed while the form was open. */
function closeForm(card) {
  const entry = shown.get(card.approvalId);
  if (entry === undefined) return;
  entry.form?.remove();
  entry.form = null;
  entry.warned = false;
  entry.view.focus();
}

async function decide(card, button, details, clickId) {
  setBusy(card, true);
  const answer = await ask("/console/decide", {
    clickId,
    approvalId: card.approvalId,
    version: card.version,
    button,
    ...details,
  });
  setBusy(card, false);
  say(wordsFor(answer));
  await refresh();
}

/** The desk sends no text where the card itself shows the result; the console then confirms the click. */
function wordsFor({ ok, body }) {
  if (ok && body.accepted) return body.message || "Recorded.";
  return body.message || "Deskhand does not answer. Look again before you repeat it.";
}

function setBusy(card, busy) {
  for (const button of shown.get(card.approvalId)?.view.querySelectorAll("button") ?? [])
    button.disabled = busy;
}

function confirmed(card) {
  const dialog = at("confirm");
  at("confirm-text").textContent = card.confirm;
  at("confirm-yes").textContent = card.approveLabel || "Approve";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function why(id, traceId) {
  const answer = await ask(`/console/explain/${encodeURIComponent(id)}`);
  at("why-text").textContent = answer.body.text ?? answer.body.message;
  at("why-link").href = `/console/trace/${encodeURIComponent(traceId)}`;
  if (!at("why").open) at("why").showModal();
}

function say(words) {
  tell(at("said"), words);
  at("said").scrollIntoView({ block: "nearest" });
}

async function paused(words) {
  if (words !== "") say(words);
  await refresh();
}

async function leave() {
  await ask("/console/leave", {});
  location.reload();
}

/** A link names a card or a turn behind the #: shows the card if it is here, otherwise the trace. */
async function showAnchor() {
  const id = anchorIn(location.hash);
  if (id === anchored) return;
  anchored = id;
  for (const marked of document.querySelectorAll(".target")) marked.classList.remove("target");
  if (id === "") return;
  const card = shown.get(id)?.view;
  if (card === undefined) return why(id, id);
  card.classList.add("target");
  if ("open" in card) card.open = true;
  card.scrollIntoView({ block: "start" });
  card.focus({ preventScroll: true });
}

at("confirm-yes").addEventListener("click", () => at("confirm").close("yes"));
at("confirm-no").addEventListener("click", () => at("confirm").close());
at("why-close").addEventListener("click", () => at("why").close());
preparePause(paused);
at("leave").addEventListener("click", () => void leave());
addEventListener("hashchange", () => void refresh());
void repeat(refresh, REFRESH_MS);
