/**
 * The floors of the house, lowest first: a room imports its own floor and lower ones, and no file leads back to itself.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { ROOT } from "../../src/bootstrap/install.mjs";

/** Rooms by floor, lowest first; docs/architecture.md says what each is for. */
export const FLOORS = [
  ["packages/gate", "src/core", "src/text"],
  ["src/http", "src/redis", "src/telemetry", "src/store"],
  ["adapters/email", "adapters/slack", "adapters/zendesk", "adapters/chat", "adapters/shop"],
  ["src/policy", "src/guard", "src/verifier", "src/knowledge", "src/tools", "src/systems"],
  ["src/procedures", "jobs/context", "jobs/queue", "jobs/masks", "jobs/plan", "jobs/webhooks"],
  ["jobs/conversation", "jobs/cases", "jobs/junk", "jobs/identity"],
  ["jobs/approval", "jobs/handoff", "jobs/notes"],
  ["jobs/effects"],
  ["jobs/decisions", "jobs/policy", "jobs/procedures"],
  ["src/agent", "jobs/turn", "jobs/pictures"],
  ["jobs/lessons", "jobs/gaps", "jobs/scorecard", "jobs/rehearsal", "jobs/knowledge"],
  ["jobs/reports", "jobs/privacy", "jobs/recovery", "jobs/operating"],
  ["jobs/worker", "jobs/intake.ts", "src/config", "src/connections", "src/doctor"],
  ["src/server"],
  ["src/cli"],
  ["src/app"],
];

/** One line for each import that points upwards, and for each circle of files, types included. */
export function floorProblems(root = ROOT) {
  const imports = importsOfFiles(root);
  return [...upwardImports(imports), ...circles(imports)];
}

/** The files of the product, each with those it imports: paths from the root. */
function importsOfFiles(root) {
  const { imports: aliases } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const paths = ["src", "adapters", "jobs", "packages/gate"].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `${top}/${file}`),
  );
  const target = (from, specifier) => {
    if (specifier.startsWith("./")) return `${dirname(from)}/${specifier.slice(2)}`;
    const end = specifier.indexOf("/") + 1;
    return `${(aliases[`${specifier.slice(0, end)}*`] ?? "").slice(2, -1)}${specifier.slice(end)}`;
  };
  return new Map(
    paths.map((path) => {
      const found = readFileSync(join(root, path), "utf8").matchAll(
        /from "((?:#[\w-]+\/|\.\/)[^"]+)"/gu,
      );
      return [path, [...found].map(([, specifier]) => target(path, specifier))];
    }),
  );
}

function upwardImports(imports) {
  const rooms = FLOORS.flatMap((floor, height) => floor.map((room) => ({ room, height })));
  const roomAt = (path) =>
    rooms.find(({ room }) => path === room || path.startsWith(`${room}/`)) ?? null;
  return [...imports].flatMap(([path, targets]) => {
    const from = roomAt(path);
    const above = targets.map(roomAt).filter((to) => to !== null && to.height > from?.height);
    return above.map(({ room }) => `${path} imports upwards: ${from.room} ${room}`);
  });
}

/** A file that leads back to itself, once for each circle: who has to be read together cannot be read apart. */
function circles(imports) {
  const found = [];
  const done = new Set();
  const visit = (path, way) => {
    const begin = way.indexOf(path);
    if (begin >= 0) found.push(`files import each other: ${way.slice(begin).join(" -> ")}`);
    if (begin >= 0 || done.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}
