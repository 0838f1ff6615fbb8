/** The sample shop's page that hosts the chat widget. */

import { ask, at, tell } from "./dom.js";

/** Storage key of the user this tab is signed in as at the sample shop; empty for a guest. */
const KEY = "shop user";
/** The visitor of the page finds it as a customer would, signed in. */
const FIRST = "ann";

const HINTS = {
  ann: "You are Ann. Open the chat below on the right and ask “Where is my order 456?”, then “What about order 789?”",
  bob: "You are Bob. Ask the chat “Please refund order 1001, it broke”: people have to approve that first.",
  "": "You are not signed in. The chat answers questions about the shop, such as “How long does shipping take?”, and nothing about orders.",
};

const buttons = [...at("as").querySelectorAll("button")];
/** Only the sandbox has sample customers; elsewhere every visitor is a guest. */
const users = ask("/chat/users").then(({ ok, body }) => (ok ? body : []));

async function signedInAs() {
  const known = await users;
  const chosen = sessionStorage.getItem(KEY) ?? FIRST;
  return known.includes(chosen) ? chosen : "";
}

/** What a real shop's page does with its own server: the chat gets a signed token, or none for a visitor. */
window.deskhandIdentity = async () => {
  const as = await signedInAs();
  if (as === "") return null;
  const answer = await ask("/chat/token", { as });
  if (!answer.ok) throw new Error(answer.body.message);
  return answer.body.token;
};

async function show() {
  const as = await signedInAs();
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === as));
  tell(at("hint"), HINTS[as]);
}

for (const button of buttons)
  button.addEventListener("click", () => {
    sessionStorage.setItem(KEY, button.value);
    window.deskhand?.signOut?.();
    void show();
  });

at("base").textContent = location.origin;
const known = await users;
for (const button of buttons) if (known.includes(button.value)) button.hidden = false;
await show();
