/** Keeps the live parts of a page up to date: what the server draws anew replaces what is shown, piece by piece. */

import { ask, at, tell, way } from "./dom.js";
import { element } from "./element.js";

/** What was drawn last, by the id of each piece; a piece that is the same again is left alone. */
const drawn = new Map();

/** Elements with an open form, by their id: they are never replaced while a teammate types. */
const typing = new Map();

/**
 * Marks an element as being typed in; `changed` is called once when the server draws it differently. Called before the
 * form is put into it: what a page came with, and was not drawn again yet, is compared as it stands now.
 */
export function keep(element, changed) {
  if (!drawn.has(element.id)) drawn.set(element.id, asServed(element));
  typing.set(element.id, { changed, told: false });
}

/** From now on the element may be replaced again. */
export function letGo(element) {
  typing.delete(element.id);
  drawn.delete(element.id);
}

/** While a mouse button or a finger is down nothing is replaced: a click ends where it began or is lost. */
const pointer = { isDown: false };
for (const [name, isDown] of [
  ["pointerdown", true],
  ["pointerup", false],
  ["pointercancel", false],
])
  addEventListener(name, () => (pointer.isDown = isDown), true);

/** Asks for every live part of the page and shows what is different; a part within another comes with that one. */
export async function refresh() {
  for (const place of document.querySelectorAll("[data-live]")) {
    if (!place.isConnected || place.parentElement.closest("[data-live]") !== null) continue;
    const { live } = place.dataset;
    const answer = await ask(live);
    tell(at("away"), awayWords(answer));
    if (answer.status !== 200 || pointer.isDown) return;
    // Another case may have been opened meanwhile: then what was asked for of the former one is dropped.
    show(place, answer.text, place.dataset.live === live);
    showCount(answer.waiting);
  }
  document.dispatchEvent(new Event("refreshed"));
}

function awayWords({ status }) {
  if (status === 200) return "";
  if (status === 401) return way.ended;
  if (status === 403) return "Your address no longer has a role, so nothing is shown.";
  return "Deskhand does not answer; trying again.";
}

/** The server's markup, which is escaped there; it is parsed without running anything. */
export function parsed(text) {
  return new DOMParser().parseFromString(text, "text/html").body;
}

/** Where a place has parts, each part of the answer belongs into the element with its id. */
function show(place, text, isSame) {
  const fresh = parsed(text);
  if (place.dataset.parts === undefined) return merge(place, fresh, false);
  for (const part of fresh.children) {
    const own = at(part.id);
    if (own !== null && (isSame || !at("pane").contains(own)))
      merge(own, part, own.dataset.keep === "hover" && own.matches(":hover"));
  }
}

/**
 * Makes the pieces of `place` those of `fresh`, by their ids. While `isHeld`, a piece that is gone stays, pale, so that
 * nothing moves under the mouse; it goes with the first refresh after the mouse has left.
 */
function merge(place, fresh, isHeld) {
  const wanted = [...fresh.children];
  const ids = new Set(wanted.map(({ id }) => id));
  for (const old of Array.from(place.children)) {
    if (old.id !== "" && ids.has(old.id)) continue;
    if (typing.has(old.id)) tellOnce(old.id);
    else if (isHeld && old.id !== "") old.classList.add("gone");
    else old.remove();
  }
  let before = null;
  for (const piece of wanted) {
    before = piece.id === "" ? add(place, piece, before) : put(place, piece, before, isHeld);
  }
}

function add(place, piece, before) {
  place.insertBefore(
    document.adoptNode(piece),
    before?.nextSibling ?? (before ? null : place.firstChild),
  );
  return piece;
}

function put(place, piece, before, isHeld) {
  const old = [...place.children].find(({ id }) => id === piece.id);
  if (old === undefined) {
    drawn.set(piece.id, piece.outerHTML);
    markLate(piece, "New");
    return add(place, piece, before);
  }
  if (piece.tagName === "OL") {
    old.hidden = piece.hidden;
    merge(old, piece, isHeld);
    return old;
  }
  const markup = piece.outerHTML;
  if (typing.has(piece.id)) {
    if (drawn.get(piece.id) !== markup) tellOnce(piece.id);
    return old;
  }
  // What the page came with was never drawn here; it counts as drawn when it is the same.
  if ((drawn.get(piece.id) ?? asServed(old)) === markup) {
    drawn.set(piece.id, markup);
    old.classList.remove("gone");
    return old;
  }
  drawn.set(piece.id, markup);
  const made = document.adoptNode(piece);
  keepState(old, made);
  old.replaceWith(made);
  return made;
}

/** The piece as the server drew it: without what this script or the reader changed. */
function asServed(piece) {
  const copy = piece.cloneNode(true);
  for (const one of [copy, ...copy.querySelectorAll("[open], [disabled], .target, .gone")]) {
    if (one.tagName === "DETAILS") one.open = false;
    one.classList.remove("target", "gone");
    if (one.getAttribute("class") === "") one.removeAttribute("class");
    one.removeAttribute("disabled");
  }
  return copy.outerHTML;
}

/** What was open stays open, and what had the focus keeps it. */
function keepState(old, made) {
  if (old.tagName === "DETAILS") made.open = old.open;
  for (const [index, details] of old.querySelectorAll("details").entries()) {
    const same = made.querySelectorAll("details")[index];
    if (same !== undefined) same.open = details.open;
  }
  if (old.classList.contains("target")) made.classList.add("target");
  keepTick(old, made);
  const focused = document.activeElement;
  if (focused === null || !old.contains(focused)) return;
  const { id, value } = focused;
  const name = focused.dataset.press;
  const next =
    id === ""
      ? made.querySelector(name === undefined ? "a" : `[data-press="${name}"]`)
      : made.querySelector(`#${CSS.escape(id)}`);
  if (next?.matches("select")) next.value = value;
  requestAnimationFrame(() => (next ?? made).focus({ preventScroll: true }));
}

/** A box stays as it is while its card is the same. */
function keepTick(old, made) {
  const [tick, newTick] = [old, made].map((row) => row.querySelector(".tick"));
  const isSame = tick?.dataset.version === newTick?.dataset.version;
  markLate(made, isSame ? (old.querySelector(".late")?.textContent ?? "") : "Changed");
  if (isSame && tick !== null) newTick.checked = tick.checked;
}

/** What came or changed after its list was shown is approved with none of it: its box is empty, and its row says why. */
function markLate(row, textContent) {
  const tick = row.querySelector(".tick");
  if (tick === null || textContent === "") return;
  tick.checked = false;
  row
    .querySelector(".badges")
    ?.append(element("span", { className: "badge warn late", textContent }));
}

function tellOnce(id) {
  const entry = typing.get(id);
  if (entry === undefined || entry.told) return;
  entry.told = true;
  entry.changed();
}

/** The number of waiting cards, in the navigation and in the window's title. */
function showCount(waiting) {
  if (waiting === "") return;
  const count = at("waiting-count");
  if (count !== null) count.textContent = waiting;
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = waiting === "0" ? title : `(${waiting}) ${title}`;
}
