/** The pages outside the console: the one a one-time link opens, the one for people who are not signed in, and the one that leads on. */

import { ask, at } from "./dom.js";
import { element } from "./element.js";

const onward = at("onward");
const button = at("enter");
// A browser withholds the session cookie on a link from another site, and sends it from our own page. The card's id
// is behind the #, which is never sent to a server.
if (onward !== null) location.replace(`${onward.getAttribute("href")}${location.hash}`);
else if (button !== null) button.addEventListener("click", () => void enter(button));
else await offerSandbox();

/** Signing in takes a click on a page that names the user, so that a link cannot sign a visitor in unnoticed. */
async function enter(pressed) {
  pressed.disabled = true;
  const code = new URLSearchParams(location.search).get("code") ?? "";
  const { ok, body } = await ask("/console/enter", { code });
  if (ok) return location.replace(`/console${location.hash}`);
  pressed.disabled = false;
  at("said").textContent = `That did not work. ${body.message || "Deskhand does not answer."}`;
}

/** Offered only where everything is sample data; the server gives an empty list elsewhere. */
async function offerSandbox() {
  const { ok, body } = await ask("/start/teammates");
  if (!ok || body.length === 0) return;
  at("sandbox").hidden = false;
  at("teammates").append(
    ...body.map(({ who, name }) =>
      element("button", {
        type: "button",
        className: "main",
        textContent: `Open the console as ${name.split(" ")[0]}`,
        onclick: () => void enterAs(who),
      }),
    ),
  );
}

async function enterAs(who) {
  const answer = await ask(`/start/console/${encodeURIComponent(who)}`, {});
  const entered = answer.ok ? await ask("/console/enter", answer.body) : answer;
  // The part behind the # names the card the teammate wanted to open; the address names the page.
  if (entered.ok) location.reload();
  else
    at("said").textContent =
      `That did not work. ${entered.body.message || "Deskhand does not answer."}`;
}
