/** Stands in for Zendesk around an app: opens its page, and answers what the page asks. */
{
  const frame = document.getElementById("app");
  const { ticket, origin } = frame.dataset;
  const values = { "ticket.id": Number(ticket) };
  const acts = {
    "comment.appendText"(text) {
      const body = document.getElementById("body");
      if (body === null) throw new Error("there is no composer");
      body.value = [body.value, text].filter((part) => part !== "").join("\n");
      body.dispatchEvent(new Event("input", { bubbles: true }));
    },
    resize: ({ height }) => void (frame.style.height = height),
  };
  addEventListener("message", ({ source, origin: from, data: { id, call, name, argument } }) => {
    if (source !== frame.contentWindow || from !== origin) return;
    const answer = { id };
    try {
      answer.value = call === "get" ? values[name] : acts[name](argument);
    } catch (error) {
      answer.problem = String(error);
    }
    source.postMessage(answer, origin);
  });
  document.getElementById("open-app").submit();
}
