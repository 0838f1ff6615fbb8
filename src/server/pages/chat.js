import { ask, at, element, repeat, tell, visible } from "./dom.js";

const POLL_MS = 2000;
const WORDS = {
  answered: "Answered.",
  pending: "A teammate is looking at this. The answer appears here.",
  escalated: "A person has taken over. The answer appears here.",
  failed: "That did not work here. A person has been told.",
};

/** Who speaks, in which conversation, and how many of its answers are on the page. */
let talk = fresh("");

function fresh(as) {
  return { as, token: "", userId: "visitor", conversation: "", status: "", seen: 0, last: "" };
}

/** Tokens live for a quarter of an hour, so that one is made for each talk and again when it has run out. */
async function signIn() {
  if (talk.as === "") return true;
  const answer = await ask("/chat/token", { as: talk.as });
  if (!answer.ok) {
    tell(at("status"), `Not signed in. ${answer.body.message}`);
    return false;
  }
  talk.token = answer.body.token;
  talk.userId = answer.body.user_id;
  return true;
}

function identity() {
  return talk.token === "" ? {} : { authorization: `Bearer ${talk.token}` };
}

async function send(text) {
  const mine = talk;
  if (talk.token === "" && !(await signIn())) return;
  const post = () =>
    ask(
      "/support/chat",
      {
        user_id: talk.userId,
        message: text,
        ...(talk.conversation === "" ? {} : { conversation_id: talk.conversation }),
      },
      identity(),
    );
  add("mine", text);
  tell(at("status"), "Deskhand is reading …");
  let answer = await post();
  if (answer.status === 401 && (await signIn())) answer = await post();
  // Somebody else speaks now: this answer belongs to a talk that is not shown any more.
  if (mine !== talk) return;
  if (!answer.ok) return refused(answer, text);
  talk.conversation = answer.body.conversation_id;
  talk.last = answer.body.reply;
  add("", answer.body.reply);
  showStatus(answer.body.status);
  await poll();
}

/** What was typed goes back into the field, so that nobody has to write it twice. */
function refused({ status, retryAfter, body }, text) {
  at("talk").lastElementChild?.remove();
  at("text").value = text;
  tell(
    at("status"),
    status === 429
      ? `That was a lot at once. Please wait ${retryAfter} seconds and press Send again; your message is still here.`
      : `Not sent. ${body.message || "Deskhand does not answer; please try again."}`,
  );
}

/** Answers that came after the first one, such as a teammate's. The one already shown is not shown again. */
async function poll() {
  const mine = talk;
  if (talk.conversation === "") return;
  const answer = await ask(`/support/chat/${talk.conversation}`, undefined, identity());
  if (mine !== talk || !answer.ok) return;
  for (const { text } of answer.body.messages.slice(talk.seen)) {
    if (text === talk.last) talk.last = "";
    else add("", text);
  }
  talk.seen = answer.body.messages.length;
  showStatus(answer.body.status);
}

function showStatus(status) {
  talk.status = status;
  tell(at("status"), WORDS[status] ?? "");
}

function add(className, text) {
  const line = element("li", { className: `words ${className}`, textContent: visible(text) });
  at("talk").append(line);
  line.scrollIntoView({ block: "nearest" });
}

function choose(as, label) {
  talk = fresh(as);
  at("talk").replaceChildren();
  for (const button of at("as").querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(button.value === as));
  tell(at("status"), `A new conversation as ${label}.`);
}

async function submit() {
  const text = at("text").value.trim();
  if (text === "") return;
  at("text").value = "";
  at("send").disabled = true;
  await send(text);
  at("send").disabled = false;
  at("text").focus();
}

at("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  void submit();
});
at("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!at("send").disabled) at("compose").requestSubmit();
});
for (const button of at("as").querySelectorAll("button"))
  button.addEventListener("click", () => choose(button.value, button.textContent));

const users = await ask("/chat/users");
for (const button of at("as").querySelectorAll("button"))
  if (users.ok && users.body.includes(button.value)) button.hidden = false;
void repeat(async () => {
  if (talk.status === "pending" || talk.status === "escalated") await poll();
}, POLL_MS);
