/** The page a one-time link opens: signs the teammate in after a click. */

import { ask, at } from "./dom.js";

at("enter").addEventListener("click", () => void enter());

/** Signing in takes a click on a page that names the user, so that a link cannot sign a visitor in unnoticed. */
async function enter() {
  at("enter").disabled = true;
  const code = new URLSearchParams(location.search).get("code") ?? "";
  const { ok, body } = await ask("/console/enter", { code });
  if (ok) return location.replace(`/console${location.hash}`);
  at("enter").disabled = false;
  at("said").textContent = `That did not work. ${body.message}`;
}
