/** The form that pauses something and the buttons that resume it, on the health page. */

import { ask, at } from "./dom.js";

/** Connects the form and the buttons; `say` shows why something was refused. */
export function preparePausing(say) {
  at("pause-form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    void wish(
      { paused: true, scope: at("pause-scope").value, reason: at("pause-reason").value },
      say,
    );
  });
  for (const button of document.querySelectorAll("[data-resume]"))
    button.addEventListener(
      "click",
      () => void wish({ paused: false, scope: button.dataset.resume }, say),
    );
}

async function wish(body, say) {
  const answer = await ask("/console/pause", body);
  if (!answer.ok) return say(answer.body.message || "Deskhand does not answer.");
  // What had begun is not stopped by it, which has to be read before the page shows the pause.
  if (answer.body.inFlight.length > 0)
    return say(`Paused. Begun before, and not stopped by this: ${answer.body.inFlight.join("; ")}`);
  location.reload();
}
