/** The forms about help pages: each is sent as data, says what is wrong with it, and leads on when it was taken. */

import { ask } from "./dom.js";

/** Connects every form that is sent as data. */
export function prepareForms() {
  for (const form of document.querySelectorAll("[data-form]")) {
    const state = { saved: textOf(form) };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form, state);
    });
    // What was typed and not saved is not lost by a slip; the browser asks.
    if (form.dataset.guarded !== undefined)
      addEventListener("beforeunload", (event) => {
        if (textOf(form) !== state.saved) event.preventDefault();
      });
  }
}

function fieldsOf(form) {
  return Object.fromEntries(new FormData(form));
}

function textOf(form) {
  return JSON.stringify(fieldsOf(form));
}

async function send(form, state) {
  const button = form.querySelector("button.main");
  const problem = form.querySelector(".error");
  const sent = textOf(form);
  button.disabled = true;
  problem.textContent = "";
  const { ok, body } = await ask(form.dataset.form, fieldsOf(form));
  button.disabled = false;
  if (ok) {
    state.saved = sent;
    location.assign(body.address);
    return;
  }
  problem.textContent = body.message || "Deskhand does not answer. Your text stays here.";
  problem.scrollIntoView({ block: "nearest" });
}
