/**
 * Where the processor time of a worker goes, from a profile of V8 (`--cpu-prof`): the functions' own time, by package of
 * others, by folder of ours, and by what Node and V8 do themselves.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { askInChat } from "#test/bench/fleet/chat-load.ts";
import { startFleet } from "#test/bench/fleet/fleet.ts";

const ROOT = join(import.meta.dirname, "../../..");

const Share = z.object({ name: z.string(), ms: z.number() });

/** Milliseconds of one conversation, the most first. */
export const Profile = z.object({
  conversations: z.number(),
  places: z.array(Share),
  functions: z.array(Share.extend({ place: z.string() })),
});
export type Profile = z.infer<typeof Profile>;

const V8Profile = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }),
    }),
  ),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
  startTime: z.number(),
});

/** What is not work. */
const WAITING = ["(idle)", "(program)", "(root)"];

/** Runs conversations with one worker that writes down where its time goes. */
export async function profileWorker(
  conversations: number,
  say: (line: string) => void,
): Promise<Profile> {
  say("profile of a worker");
  const folder = mkdtempSync(join(tmpdir(), "bench-profile-"));
  try {
    const fleet = await startFleet({
      roles: ["web", "worker"],
      workerEnvironment: { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` },
    });
    const load = { fromUs: 0, toUs: 0 };
    try {
      await askInChat(fleet.web.url, { count: 60, atOnce: 8 });
      load.fromUs = monotonicUs();
      await askInChat(fleet.web.url, { count: conversations, atOnce: 8 });
      load.toUs = monotonicUs();
      // Only a process that ends by itself writes its profile.
      await fleet.endWorkers();
    } finally {
      await fleet.close();
    }
    const [file = ""] = readdirSync(folder);
    return readProfile(readFileSync(join(folder, file), "utf8"), load, conversations);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SHOWN = 25;

/** The clock of the machine, which V8 writes into its profiles. */
function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** Sums the part of a profile that lies in a time, for one of so many conversations. */
function readProfile(
  text: string,
  { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number },
  conversations: number,
): Profile {
  const { nodes, samples, timeDeltas, startTime } = V8Profile.parse(JSON.parse(text));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const places = new Map<string, number>();
  const functions = new Map<string, { readonly place: string; name: string; ms: number }>();
  let atUs = startTime;
  for (const [index, id] of samples.entries()) {
    const us = timeDeltas[index] ?? 0;
    atUs += us;
    const frame = frames.get(id);
    if (frame === undefined || atUs < fromUs || atUs > toUs) continue;
    if (WAITING.includes(frame.functionName)) continue;
    const ms = us / 1_000 / conversations;
    const place = placeOf(frame.url, frame.functionName);
    places.set(place, (places.get(place) ?? 0) + ms);
    const name = frame.functionName === "" ? `(line ${frame.lineNumber + 1})` : frame.functionName;
    const key = `${frame.url} ${name}`;
    const known = functions.get(key) ?? { place, name, ms: 0 };
    known.ms += ms;
    functions.set(key, known);
  }
  const most = <One extends { readonly ms: number }>(all: Iterable<One>): readonly One[] =>
    [...all].toSorted((one, other) => other.ms - one.ms).slice(0, SHOWN);
  return {
    conversations,
    places: [...most([...places].map(([name, ms]) => ({ name, ms })))],
    functions: [...most(functions.values())],
  };
}

/** A package's name, a folder of ours, or what the runtime does. */
function placeOf(url: string, functionName: string): string {
  if (url.startsWith("node:")) return `Node ${url.split("/").slice(0, 2).join("/")}`;
  if (!url.startsWith("file:") && !url.startsWith("/"))
    return functionName === "(garbage collector)" ? "V8: garbage collection" : "V8 and native code";
  const path = relative(ROOT, url.startsWith("file:") ? fileURLToPath(url) : url);
  const inside = path.split("node_modules/").at(-1) ?? "";
  if (inside !== path)
    return inside
      .split("/")
      .slice(0, inside.startsWith("@") ? 2 : 1)
      .join("/");
  return path.split("/").slice(0, 2).join("/");
}
