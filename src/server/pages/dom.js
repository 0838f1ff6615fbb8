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

/** How a body is sent: a file as it is, everything else as data. */
function sentBody(body) {
  if (body === undefined) return {};
  const isFile = body instanceof Blob;
  const type = isFile ? "application/octet-stream" : "application/json";
  return { method: "POST", body: isFile ? body : JSON.stringify(body), type };
}

/**
 * Asks the server and gives status, text and, where the answer is data, its body. `status` 0 means that it could not be
 * reached; `retryAfter` is in seconds, and `waiting` the number of cards that wait, where the answer says it.
 */
export async function ask(path, body, headers = {}) {
  try {
    const { type, ...sent } = sentBody(body);
    const response = await fetch(path, {
      cache: "no-store",
      ...sent,
      headers: {
        ...way.headers,
        ...headers,
        ...(type === undefined ? {} : { "content-type": type }),
      },
    });
    const text = await response.text();
    const retryAfter = Number(response.headers.get("retry-after") ?? 0);
    const waiting = response.headers.get("x-waiting") ?? "";
    const isData = response.headers.get("content-type")?.includes("json") === true;
    const data = isData ? JSON.parse(text) : { message: "" };
    const { ok, status } = response;
    return { ok, status, retryAfter, waiting, text, body: data };
  } catch {
    return { ok: false, status: 0, retryAfter: 0, waiting: "", text: "", body: { message: "" } };
  }
}

/** Runs it now and repeatedly, each time after the last run ended; slower while the page is hidden. */
export async function repeat(work, everyMs) {
  for (;;) {
    await work();
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? everyMs * 5 : everyMs));
  }
}
