/**
 * Room: the chat widget, browser scripts that a shop includes with one tag. This file bundles and serves them.
 * In: `GET /widget.js` from pages of shops, and the link hosts of the policy.
 * Out: one classic script, gzipped, with an ETag.
 * May touch: its own files, read at the start; nothing else.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { Router } from "express";

/** The widget's modules, each after those it uses. */
const PARTS = ["state.js", "sending.js", "../pages/element.js", "view.js", "render.js", "main.js"];
const STYLE = new URL("./widget.css", import.meta.url);
const HOSTS_PLACE = '["{{link hosts}}"]';

/**
 * `GET /widget.js`: the chat widget as one classic script for the pages of shops, which are other origins. The hosts it
 * may link to are read at each request, and it is rebuilt when they change; a missing module is noticed at the start.
 */
export function widgetRoutes(linkHosts: () => readonly string[]): Router {
  const template = widgetTemplate();
  let built = build(template, JSON.stringify(linkHosts()));
  const router = Router();
  router.get("/", (request, response) => {
    const hosts = JSON.stringify(linkHosts());
    if (hosts !== built.hosts) built = build(template, hosts);
    const { script, packed, digest } = built;
    const isPacked = request.acceptsEncodings("gzip", "identity") === "gzip";
    response
      .set({
        // Each page revalidates, mostly answered with 304: a host removed from the policy must not stay in caches.
        "Cache-Control": "public, no-cache",
        ETag: `"${digest}${isPacked ? "-gz" : ""}"`,
        Vary: "Accept-Encoding",
        "Cross-Origin-Resource-Policy": "cross-origin",
        // For pages that pin the script's digest (`integrity`), which requires `crossorigin`.
        "Access-Control-Allow-Origin": "*",
        ...(isPacked ? { "Content-Encoding": "gzip" } : {}),
      })
      .type("text/javascript");
    if (request.fresh) response.status(304).end();
    else response.end(isPacked ? packed : script);
  });
  return router;
}

/** The script for one list of hosts. */
function build(template: string, hosts: string) {
  const script = Buffer.from(template.replace(HOSTS_PLACE, () => hosts));
  const digest = createHash("sha256").update(script).digest("base64url").slice(0, 22);
  return { hosts, script, packed: gzipSync(script, { level: 9 }), digest };
}

/** Turns the modules into one script: removes imports, exports and comments, which visitors do not need. */
function widgetTemplate(): string {
  const style = readFileSync(STYLE, "utf8")
    .replace(/\/\*[\s\S]*?(?:\*\/|$)/g, "")
    .replace(/\s+/g, " ");
  const parts = PARTS.map((name) =>
    readFileSync(new URL(name, import.meta.url), "utf8")
      .replace(/^import (?:[^;i]|i(?!mport ))*;\n/gm, "")
      .replace(/^export /gm, "")
      .replace(/^ *\/\*\*(?:[^*/]|\*(?!\/)|\/(?!\*\*))*\*\/\n/gm, "")
      .replace(/^ *\/\/.*\n/gm, "")
      .replace(/^ +/gm, "")
      .replace('"{{widget.css}}"', () => JSON.stringify(style)),
  );
  return `(() => {\n"use strict";\n${parts.join("")}})();\n`;
}
