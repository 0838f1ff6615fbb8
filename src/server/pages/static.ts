/**
 * Room: what all pages share. This file serves their styles and scripts.
 * In: browser requests for files under `/assets`; requests that change something.
 * Out: HTML, styles and scripts of our own; refusals of what another site sent.
 * May touch: its own files, read at the start; nothing else.
 */

import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { Router } from "express";

const FOLDER = new URL("./", import.meta.url);

/** Styles, scripts and pictures of the pages. */
const ASSETS = readdirSync(FOLDER)
  .filter((name) => /\.(?:css|js|svg)$/.test(name))
  .map((name) => new URL(name, FOLDER));

/** Styles and scripts under `/assets`. Pages of ours load nothing from anywhere else. */
export function assetRoutes(): Router {
  return fileRoutes(ASSETS);
}

/** Each of these files under its own name, read once. */
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
