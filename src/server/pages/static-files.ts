import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Router } from "express";

/** The parts of the pages that never change while we run; read once, so that a missing one is noticed at the start. */
const ASSETS = [
  new URL("./style.css", import.meta.url),
  new URL("./icon.svg", import.meta.url),
  new URL("./dom.js", import.meta.url),
  new URL("./start.js", import.meta.url),
  new URL("./mailbox.js", import.meta.url),
  new URL("./console.js", import.meta.url),
  new URL("./card.js", import.meta.url),
  new URL("./forms.js", import.meta.url),
  new URL("./pausing.js", import.meta.url),
  new URL("./sign-in.js", import.meta.url),
  new URL("./onward.js", import.meta.url),
  new URL("./enter.js", import.meta.url),
  new URL("./shop.css", import.meta.url),
  new URL("./shop.js", import.meta.url),
];

/** Style and scripts under `/assets`. Pages load nothing from anywhere else. */
export function assetRoutes(): Router {
  const router = Router();
  for (const address of ASSETS) {
    const name = basename(address.pathname);
    const content = readFileSync(address);
    router.get(`/${name}`, (_request, response) => {
      // Asked again each time: after an update an old script must not meet a new server.
      response.set("Cache-Control", "no-cache").type(name).send(content);
    });
  }
  return router;
}

export function readPage(address: URL): string {
  return readFileSync(address, "utf8");
}

/** Puts words into a page where it says `{{name}}`. They are shown as they are, never as markup. */
export function fillPage(html: string, words: Readonly<Record<string, string>>): string {
  return html.replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => escapeHtml(words[name] ?? ""));
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
