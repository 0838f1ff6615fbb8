/**
 * The floors of the house, lowest first: a room imports its own floor and lower ones. `EXCEPTIONS` are the pairs that
 * still point upwards. The list only shrinks: a pair that is not in it fails the check, and so does one that is gone.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../../src/bootstrap/install.mjs";

const FLOORS = [
  ["src/core", "src/text"],
  ["src/http", "src/redis", "src/telemetry", "src/store"],
  ["adapters/email", "adapters/slack", "adapters/zendesk", "adapters/chat", "adapters/shop"],
  ["src/policy", "src/guard", "src/verifier", "src/knowledge", "src/tools", "src/systems"],
  ["src/procedures", "jobs/context", "jobs/queue", "jobs/masks", "jobs/plan"],
  ["jobs/conversation", "jobs/handoff", "jobs/cases", "jobs/junk", "jobs/identity"],
  ["jobs/effects"],
  ["jobs/approval", "jobs/decisions", "jobs/policy", "jobs/procedures"],
  ["src/agent", "jobs/turn", "jobs/pictures", "jobs/verification"],
  ["jobs/lessons", "jobs/gaps", "jobs/scorecard", "jobs/rehearsal", "jobs/knowledge"],
  ["jobs/reports", "jobs/privacy", "jobs/recovery", "jobs/operating"],
  ["jobs/worker", "jobs/intake.ts", "src/config", "src/connections", "src/doctor"],
  ["src/server"],
  ["src/cli"],
  ["src/app"],
];

/** From, to; who mends one takes its line out. */
const EXCEPTIONS = new Set(
  `
jobs/approval jobs/scorecard
jobs/cases jobs/approval
jobs/cases jobs/turn
jobs/decisions jobs/lessons
jobs/effects jobs/approval
jobs/handoff jobs/approval
jobs/junk jobs/turn
jobs/plan jobs/approval
jobs/plan jobs/cases
jobs/plan jobs/conversation
jobs/plan jobs/recovery
jobs/turn jobs/gaps
jobs/turn jobs/lessons
jobs/turn jobs/recovery
jobs/turn jobs/scorecard
`
    .trim()
    .split("\n"),
);

/** One line for each pair that points upwards and is no exception, and for each exception that is none any more. */
export function floorProblems(root = ROOT) {
  const rooms = FLOORS.flatMap((floor, height) => floor.map((room) => ({ room, height })));
  const roomAt = (path) =>
    rooms.find(({ room }) => path === room || path.startsWith(`${room}/`)) ?? null;
  const { imports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const upward = new Map();
  for (const top of ["src", "adapters", "jobs"])
    for (const file of readdirSync(join(root, top), { recursive: true })) {
      const path = `${top}/${file}`;
      const from = path.endsWith(".ts") ? roomAt(path) : null;
      if (from === null) continue;
      for (const [, alias, rest] of readFileSync(join(root, path), "utf8").matchAll(
        /from "(#[\w-]+\/)([^"]+)"/gu,
      )) {
        const to = roomAt(`${(imports[`${alias}*`] ?? "").slice(2, -1)}${rest}`);
        if (to !== null && to.height > from.height) upward.set(`${from.room} ${to.room}`, path);
      }
    }
  const added = [...upward]
    .filter(([pair]) => !EXCEPTIONS.has(pair))
    .map(([pair, path]) => `${path} imports upwards: ${pair}`);
  const gone = [...EXCEPTIONS]
    .filter((pair) => pair !== "" && !upward.has(pair))
    .map((pair) => `${pair} is no exception any more: take it out of test/runner/floors.mjs`);
  return [...added, ...gone];
}
