/** The sample shop's page that hosts the chat widget. */

import { ask, at, tell } from "./dom.js";

/** Storage key of the user this tab is signed in as at the sample shop. */
const KEY = "shop user";

const HINTS = {
  ann: "You are Ann. Open the chat below on the right and ask “Where is my order 789?”, then “What about order 456?”",
  bob: "You are Bob. Ask the chat “Please refund order 1001, it broke”: people have to approve that first.",
  "": "You are not signed in. The chat answers questions about the shop, such as “What is your refund policy?”, and nothing about orders.",
};

const buttons = [...at("as").querySelectorAll("button")];

function signedInAs() {
  return sessionStorage.getItem(KEY) ?? "";
}

/** What a real shop's page does with its own server: the chat gets a signed token, or none for a visitor. */
window.deskhandIdentity = async () => {
  const as = signedInAs();
  if (as === "") return null;
  const answer = await ask("/chat/token", { as });
  if (!answer.ok) throw new Error(answer.body.message);
  return answer.body.token;
};

function show() {
  const as = signedInAs();
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === as));
  tell(at("hint"), HINTS[as]);
}

for (const button of buttons)
  button.addEventListener("click", () => {
    sessionStorage.setItem(KEY, button.value);
    window.deskhand?.signOut?.();
    show();
  });

at("base").textContent = location.origin;
const users = await ask("/chat/users");
for (const button of buttons)
  if (users.ok && users.body.includes(button.value)) button.hidden = false;
if (!users.ok || !users.body.includes(signedInAs())) sessionStorage.removeItem(KEY);
show();
