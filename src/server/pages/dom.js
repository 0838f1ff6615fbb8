/** What the pages' scripts share: finding elements, showing a text, calling the server. */

/** What a link names behind the #; empty if unreadable, since links come from outside. */
export function anchorIn(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}

export function at(id) {
  return document.getElementById(id);
}

/** Shows a text in an element, or hides the element when it is empty. */
export function tell(target, words) {
  target.textContent = words;
  target.hidden = words === "";
}

/** Where cards are asked about and decided, and what is sent along. A page that is not the console's sets it once. */
export const way = {
  place: "/console",
  headers: {},
  ended: "Your session has ended. Open a new link; what you typed stays here.",
};

/** What is sent with a question: nothing, a file as it is, everything else as data. */
function sending(body) {
  if (body === undefined) return { headers: way.headers };
  const isFile = body instanceof Blob;
  const type = isFile ? "application/octet-stream" : "application/json";
  const headers = { ...way.headers, "content-type": type };
  return { method: "POST", body: isFile ? body : JSON.stringify(body), headers };
}

/**
 * Asks the server and gives status, text and, where the answer is data, its body. `status` 0 means that it could not be
 * reached; `waiting` is the number of cards that wait, where the answer says it.
 */
export async function ask(path, body) {
  try {
    const response = await fetch(path, { cache: "no-store", ...sending(body) });
    const text = await response.text();
    const waiting = response.headers.get("x-waiting") ?? "";
    const isData = response.headers.get("content-type")?.includes("json") === true;
    const data = isData ? JSON.parse(text) : { message: "" };
    const { ok, status } = response;
    return { ok, status, waiting, text, body: data };
  } catch {
    return { ok: false, status: 0, waiting: "", text: "", body: { message: "" } };
  }
}

/** Runs it now and repeatedly, each time after the last run ended; slower while the page is hidden. */
export async function repeat(work, everyMs) {
  for (;;) {
    await work();
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? everyMs * 5 : everyMs));
  }
}
