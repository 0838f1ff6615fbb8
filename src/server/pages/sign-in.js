/** The sign-in page: in the sandbox it offers the sample teammates. */

import { ask, at, element } from "./dom.js";

/** Offered only where everything is sample data; the server gives an empty list elsewhere. */
const { ok, body } = await ask("/start/teammates");
if (ok && body.length > 0) {
  at("sandbox").hidden = false;
  at("teammates").append(
    ...body.map(({ who, name }) =>
      element("button", {
        type: "button",
        className: "main",
        textContent: `Open the console as ${name.split(" ")[0]}`,
        onclick: () => enter(who),
      }),
    ),
  );
}

async function enter(who) {
  const answer = await ask(`/start/console/${encodeURIComponent(who)}`, {});
  const entered = answer.ok ? await ask("/console/enter", answer.body) : answer;
  // The part behind the # names the card the teammate wanted to open.
  if (entered.ok) location.replace(`/console${location.hash}`);
  else at("said").textContent = `That did not work. ${entered.body.message}`;
}
