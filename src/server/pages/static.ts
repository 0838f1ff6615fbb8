/**
 * Room: what all pages share. This file serves their styles and scripts.
 * In: browser requests for files under `/assets`; requests that change something.
 * Out: HTML, styles and scripts of our own; refusals of what another site sent.
 * May touch: its own files, read at the start; nothing else.
 */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Router } from "express";

/** Styles and scripts of the pages; read once, so that a missing one is noticed at the start. */
const ASSETS = [
  new URL("./style.css", import.meta.url),
  new URL("./icon.svg", import.meta.url),
  new URL("./early-presses.js", import.meta.url),
  new URL("./dom.js", import.meta.url),
  new URL("./element.js", import.meta.url),
  new URL("./console.js", import.meta.url),
  new URL("./console.css", import.meta.url),
  new URL("./deciding.js", import.meta.url),
  new URL("./answering.js", import.meta.url),
  new URL("./inbox.js", import.meta.url),
  new URL("./live.js", import.meta.url),
  new URL("./entrance.js", import.meta.url),
  new URL("./ticket.css", import.meta.url),
  new URL("./ticket.js", import.meta.url),
  new URL("./shop.css", import.meta.url),
  new URL("./shop.js", import.meta.url),
];

/** Styles and scripts under `/assets`. Pages of ours load nothing from anywhere else. */
export function assetRoutes(): Router {
  return fileRoutes(ASSETS);
}

/** Each of these files under its own name. */
export function fileRoutes(files: readonly URL[]): Router {
  const router = Router();
  for (const address of files) {
    const name = basename(address.pathname);
    const content = readFileSync(address);
    router.get(`/${name}`, (_request, response) => {
      // Revalidated each time: after an update an old script must not meet a new server.
      response.set("Cache-Control", "no-cache").type(name).send(content);
    });
  }
  return router;
}

/** A page as it is served, read once at the start. */
export function readPage(address: URL): string {
  return readFileSync(address, "utf8");
}
