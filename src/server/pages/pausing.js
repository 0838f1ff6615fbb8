/** Shows what is paused in the console, and the buttons to pause and resume. */

import { ask, at, element, visible } from "./dom.js";

const shown = { key: "" };

/** Shows what is paused, each with a resume button for leads, and what can be paused. `after` receives the result. */
export function showPause({ holds, names }, scopes, role, after) {
  const key = JSON.stringify([holds, names, scopes, role]);
  if (key === shown.key) return;
  shown.key = key;
  at("paused").hidden = holds.length === 0;
  at("paused").replaceChildren(
    ...holds.map(({ scope, by }, index) =>
      holdLine({ scope, by, name: names[index] }, role, after),
    ),
  );
  at("pause-scope").replaceChildren(
    ...scopes.map(({ scope, name }) =>
      element("option", { value: scope, textContent: groupOf(scope, name) }),
    ),
  );
}

/** A channel and a topic may have the same name. */
function groupOf(scope, name) {
  if (scope === "all") return "Everything";
  return scope.startsWith("topic:") ? `Topic: ${name}` : `Channel: ${name}`;
}

function holdLine({ scope, by, name }, role, after) {
  const words = element("p", {
    className: "words",
    textContent: visible(
      `⏸ Paused: ${name}${by === "" ? "" : `, by ${by}`}. Nothing of it goes to customers or the shop until a lead resumes it.`,
    ),
  });
  const resume = element("button", { type: "button", textContent: `Resume ${name}` });
  resume.addEventListener("click", () => void wish({ paused: false, scope }, after));
  return element("div", {}, words, role === "lead" ? resume : null);
}

async function wish(body, after) {
  const answer = await ask("/console/pause", body);
  if (!answer.ok) await after(answer.body.message);
  else if (answer.body.inFlight.length > 0)
    await after(`Begun before, and not stopped by this: ${answer.body.inFlight.join("; ")}`);
  else await after("");
}

/** Connects the pause button with its dialog. */
export function preparePause(after) {
  at("pause").addEventListener("click", () => at("pausing").showModal());
  at("pause-no").addEventListener("click", () => at("pausing").close());
  at("pause-yes").addEventListener("click", () => {
    at("pausing").close();
    const body = { paused: true, scope: at("pause-scope").value, reason: at("pause-reason").value };
    at("pause-reason").value = "";
    void wish(body, after);
  });
}
