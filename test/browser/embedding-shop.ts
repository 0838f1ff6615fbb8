/** A shop of another origin with the chat on its page, as strict and as rude to it as real ones are. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { closed, listen } from "#test/support/loopback.ts";

/** The worst that a CSS rule for all elements can do to a page. */
const RUDE_STYLE = `
  * { font-size: 61px !important; color: red !important; letter-spacing: 20px !important; }
  body * , deskhand-chat {
    all: unset !important; display: inline !important; position: static !important;
    opacity: 0.1 !important; z-index: -1 !important; transform: scale(0.5) !important;
    --accent: red !important; --paper: red !important;
  }
  body { transform: scale(0.5); overflow: hidden; font: 61px cursive }`;

interface EmbeddingShop {
  readonly origin: string;
  /** Where the chat comes from, and what signs the shop's only customer. */
  embed(deskhand: string, tokenFor: () => Promise<string>): void;
  close(): Promise<void>;
}

/** Serves one page at `/`, once it is known where the chat comes from. */
export async function startEmbeddingShop(): Promise<EmbeddingShop> {
  const embedded = { deskhand: "", tokenFor: () => Promise.resolve("") };
  const server = createServer((request, response) => {
    void answer(request, response, embedded.deskhand, () => embedded.tokenFor());
  });
  const port = await listen(server);
  return {
    origin: `http://127.0.0.1:${port}`,
    embed: (deskhand, tokenFor) => {
      Object.assign(embedded, { deskhand, tokenFor });
    },
    close: async () => {
      await closed(server);
    },
  };
}

async function answer(
  { url }: IncomingMessage,
  response: ServerResponse,
  deskhand: string,
  tokenFor: () => Promise<string>,
): Promise<void> {
  const send = (type: string, text: string): void =>
    void response
      .writeHead(200, {
        "content-type": `${type}; charset=utf-8`,
        "content-security-policy": policyFor(deskhand),
      })
      .end(text);
  if (url === "/token") send("text/plain", await tokenFor());
  else if (url === "/shop.css") send("text/css", RUDE_STYLE);
  else if (url === "/shop.js")
    send(
      "text/javascript",
      `window.deskhandIdentity = async () => (await fetch("/token")).text();
       window.deskhandTexts = { title: "Hilfe", launcher: "Chat öffnen", field: "Ihre Nachricht" };`,
    );
  else if (url === "/")
    send(
      "text/html",
      `<!doctype html><html lang="de"><title>Shop</title><link rel="icon" href="data:,">
       <link rel="stylesheet" href="/shop.css"><script src="/shop.js"></script>
       <script src="${deskhand}/widget.js" data-lang="de" data-color="#ffd400" defer></script>
       <h1>Shop</h1>`,
    );
  else response.writeHead(404).end();
}

/** The lines docs/chat.md names, beside what the shop needs for itself, and the strictest rules there are. */
function policyFor(deskhand: string): string {
  return [
    "default-src 'none'",
    "img-src data:",
    "style-src 'self'",
    `script-src 'self' ${deskhand}`,
    `connect-src 'self' ${deskhand}`,
    "require-trusted-types-for 'script'",
  ].join("; ");
}
