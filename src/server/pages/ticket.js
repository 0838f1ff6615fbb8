/** The card beside a ticket of the helpdesk: asks with the session of this page, and talks to the helpdesk's page around it. */

import { ask, at, repeat, tell, way } from "./dom.js";
import { prepareCards, say } from "./deciding.js";
import { refresh } from "./live.js";

const REFRESH_MS = 2000;

way.place = location.pathname.replace(/\/+$/, "");
way.headers = { authorization: `Bearer ${document.body.dataset.session}` };
way.ended =
  "This page was not looked at for a while, and its session is over. Reload the apps (the arrow above them). What you typed stays here until then.";
// From here on it is in this script's memory alone.
delete document.body.dataset.session;

/** True while the helpdesk shows this ticket, and not another one that is open beside it. */
const shown = { is: true };

/** The ticket that the helpdesk's page shows; null for one that was not saved yet. */
async function ticketNumber(client) {
  const { "ticket.id": id = null } = await client.get("ticket.id");
  return id === null ? null : String(id);
}

async function begin(client) {
  const ticket = await ticketNumber(client);
  if (ticket === null) return stop("Save the ticket first, then reload the apps.");
  const { ok, status, body } = await ask(`${way.place}/ticket`, { ticket });
  if (!ok)
    return stop(
      status === 401 ? way.ended : body.message || "Deskhand does not answer. Reload the apps.",
    );
  at("live").dataset.live = `${way.place}/state`;
  client.on("app.activated", () => {
    shown.is = true;
    void refresh();
  });
  client.on("app.deactivated", () => (shown.is = false));
  // A page that is not looked at asks nothing, so that its session ends.
  await repeat(async () => {
    if (shown.is && !document.hidden) await refresh();
  }, REFRESH_MS);
}

function stop(words) {
  at("cards").replaceChildren();
  tell(at("away"), words);
}

/** A text of a card goes where the agent writes in the helpdesk; whether it is sent is theirs to decide there. */
async function putIntoReply(client, text) {
  try {
    await client.invoke("comment.appendText", text);
    say("The text is in your reply now. Nothing was sent.");
  } catch {
    say("The helpdesk did not take the text. Copy it from the card.");
  }
}

/** The frame is as high as what it shows, with room for a question, within what a screen has. */
function fit(client) {
  const height = Math.min(1400, Math.max(320, Math.ceil(at("main").scrollHeight)));
  void client.invoke("resize", { width: "100%", height: `${height}px` });
}

/** Pages of the console are for a window of their own. */
document.addEventListener(
  "click",
  ({ target }) => {
    const link = target.closest("a[href]");
    if (link !== null) Object.assign(link, { target: "_blank", rel: "noopener" });
  },
  true,
);

const client = globalThis.ZAFClient?.init();
if (client) {
  prepareCards();
  document.addEventListener("put-in", ({ detail }) => void putIntoReply(client, detail));
  new ResizeObserver(() => fit(client)).observe(at("main"));
  begin(client).catch(() =>
    stop("The helpdesk does not say which ticket this is. Reload the apps."),
  );
} else
  stop(
    "This page stands beside a ticket. Open a ticket in the helpdesk, and the app Deskhand there.",
  );
