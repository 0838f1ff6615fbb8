/** The script of the mail page: writes as a customer and shows what comes back. */

import { ask, at, repeat, tell } from "/assets/dom.js";
import { element } from "/assets/element.js";

const REFRESH_MS = 1500;
/** What the sandbox takes as one mail, with room for the base64. */
const FILES_BYTES_MAX = 20_000_000;
const AWAY = "The sandbox does not answer; trying again.";
const { customers, support } = (await ask("/api/customers")).body;
const wanted = new URLSearchParams(location.search).get("as");
let current =
  customers.find(
    (one) => one.email === wanted || one.name.split(" ")[0].toLowerCase() === wanted,
  ) ?? (wanted?.includes("@") ? customerOf(wanted) : customers[0]);
let answering;
let shown = "";

/** Any address has a mailbox here; only the sample customers have names. */
function customerOf(address) {
  const email = address.trim().toLowerCase();
  return customers.find((one) => one.email === email) ?? { name: email, email };
}

function firstName({ name }) {
  return name.split(" ")[0];
}

async function filesToSend() {
  const files = [...at("files").files];
  if (files.reduce((sum, { size }) => sum + size, 0) > FILES_BYTES_MAX)
    throw new Error("the files are larger than 20 MB together");
  return Promise.all(
    files.map(async (file) => ({
      name: file.name,
      ...(file.type === "" ? {} : { mediaType: file.type }),
      content: (await dataUrlOf(file)).split(",")[1] ?? "",
    })),
  );
}

function dataUrlOf(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error(`${file.name} cannot be read`));
    reader.readAsDataURL(file);
  });
}

function compose(mail) {
  answering = mail;
  const subject = mail?.subject ?? "";
  at("compose-title").textContent = mail ? "Answer" : "New mail";
  at("subject").value = mail ? (/^re:/iu.test(subject) ? subject : `Re: ${subject}`) : "";
  at("to").value = mail?.direction === "received" ? mail.from : (mail?.to ?? support);
  at("cancel").hidden = !mail;
  if (mail) at("text").focus();
}

function choose(customer) {
  current = customer;
  shown = "";
  const { name, email } = customer;
  at("from").value = name === email ? email : `${name} <${email}>`;
  at("mailbox-title").textContent = `${firstName(customer)}'s mailbox`;
  for (const button of at("customers").children)
    button.setAttribute("aria-pressed", String(button.value === customer.email));
  compose();
  void refresh();
}

function showMail(mail) {
  const answer = mail.direction === "received";
  const head = element(
    "div",
    { className: "row soft" },
    element("span", {}, element("b", { textContent: answer ? mail.from : current.name })),
    element(
      "span",
      {},
      mail.when,
      " ",
      answer
        ? element("a", {
            href: `/api/mail/${encodeURIComponent(current.email)}/${mail.id}`,
            target: "_blank",
            textContent: "source",
          })
        : "",
    ),
  );
  return element(
    "div",
    { className: answer ? "mail answer" : "mail" },
    head,
    element("pre", { textContent: mail.text.trimEnd() }),
    ...mail.files.map(({ name, bytes }) =>
      element("div", { className: "file", textContent: `📎 ${name} (${sizeText(bytes)})` }),
    ),
  );
}

function sizeText(bytes) {
  return bytes < 1_000_000
    ? `${Math.max(1, Math.round(bytes / 1_000))} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A thread in which the customer wrote nothing, such as a notice of the shop, asks nothing and has no answers. */
function stateOf({ mails }) {
  const answers = mails.filter((mail) => mail.direction === "received").length;
  if (answers === mails.length) return "from the shop";
  if (answers === 0) return "no answer yet";
  return answers === 1 ? "1 answer" : `${answers} answers`;
}

function showThread(thread) {
  const state = element("span", { className: "soft", textContent: stateOf(thread) });
  const last = thread.mails.at(-1);
  const reply = element("button", {
    type: "button",
    textContent: "Write again in this thread",
    onclick: () => compose({ ...last, subject: thread.subject }),
  });
  return element(
    "article",
    { className: "box stack" },
    element("h3", {}, thread.subject || "(no subject)", " ", state),
    ...thread.mails.map(showMail),
    reply,
  );
}

async function refresh() {
  const customer = current;
  const answer = await ask(`/api/threads/${encodeURIComponent(customer.email)}`);
  if (answer.status === 0) tell(at("status"), AWAY);
  else if (at("status").textContent === AWAY) tell(at("status"), "");
  if (customer !== current || answer.text === shown || !answer.ok) return;
  shown = answer.text;
  const threads = answer.body;
  at("threads").replaceChildren(
    ...(threads.length
      ? threads.map(showThread)
      : [
          element("p", {
            className: "soft",
            textContent: "Nothing here yet. Write a mail, and the answer will appear.",
          }),
        ]),
  );
}

at("compose").addEventListener("submit", async (event) => {
  event.preventDefault();
  const parent = answering;
  const thread = parent
    ? {
        inReplyTo: parent.messageId,
        references: [parent.headers.references ?? "", parent.messageId].flat().join(" ").trim(),
      }
    : {};
  tell(at("status"), "Sending …");
  let files;
  try {
    files = await filesToSend();
  } catch (error) {
    return tell(at("status"), `Not sent: ${error.message}`);
  }
  const answer = await ask("/api/mail", {
    from: current.email,
    to: at("to").value,
    subject: at("subject").value,
    text: at("text").value,
    files,
    ...(parent?.messageId ? thread : {}),
  });
  const problem = answer.body.error?.message ?? AWAY;
  tell(
    at("status"),
    answer.ok ? "Sent. Answers appear in the mailbox by themselves." : `Not sent: ${problem}`,
  );
  if (!answer.ok) return;
  at("text").value = "";
  at("files").value = "";
  compose();
  await refresh();
});
at("cancel").addEventListener("click", () => compose());
for (const customer of customers)
  at("customers").append(
    element("button", {
      type: "button",
      value: customer.email,
      textContent: customer.name.split(" ")[0],
      onclick: () => choose(customer),
    }),
  );
at("other").addEventListener("submit", (event) => {
  event.preventDefault();
  choose(customerOf(at("address").value));
});
choose(current);
void repeat(refresh, REFRESH_MS);
