/** Plays the examples: processes of an agent that are killed, a person's decision, and a shop that counts what it refunds. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { listen } from "#test/support/loopback.ts";

/** The programs of the SDKs. */
export const EXAMPLES: readonly string[] = ["openai-agents.ts", "ai-sdk.ts", "langgraph.ts"].map(
  (name) => join(import.meta.dirname, "../../packages/gate/examples", name),
);

/** What a person says, and where a process is killed after that; the first one always is, while it waits. */
interface Story {
  readonly says: "yes" | "no";
  /** One process each: before the shop has counted the refund, or after that and before it has answered. */
  readonly kills: readonly ("before the effect" | "after the effect")[];
}

/** A yes through three kills, and a no. */
export const STORIES: readonly Story[] = [
  { says: "yes", kills: ["before the effect", "after the effect"] },
  { says: "no", kills: [] },
];

/** What came of a story. */
export interface Played {
  readonly lines: readonly string[];
  readonly refunds: number;
  readonly kills: number;
  /** Exactly one refund after a yes and none after a no, every kill took place, and the agent was told. */
  readonly holds: boolean;
}

const WAIT_MS = 180_000;

/** Plays a story with the agent of this program. Throws when a process ends in another way than the story says. */
export async function playStory(program: string, story: Story): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), "gate-example-"));
  const shop = await openShop();
  const lines: string[] = [];
  try {
    const start = (step: string): Promise<Ended> => {
      const child = spawn(process.execPath, [program, step, folder, shop.url], {
        stdio: ["ignore", "pipe", "pipe"],
        timeout: WAIT_MS,
      });
      shop.caller = child;
      return ended(child, lines);
    };
    const asked = await start("ask");
    shop.kills.push(...story.kills);
    let last = await start(story.says);
    while (last.signal === "SIGKILL") last = await start("go on");
    if (last.code !== 0) throw new Error(`${basename(program)} failed:\n${last.errors}`);
    const refunds = shop.counted.length;
    const kills = (asked.signal === "SIGKILL" ? 1 : 0) + shop.killed;
    const isTold = /^The tool told: .*\b(?:approved|refused|rejected)\b/mu.test(lines.at(-1) ?? "");
    const holds =
      refunds === (story.says === "yes" ? 1 : 0) && kills === story.kills.length + 1 && isTold;
    return { lines, refunds, kills, holds };
  } finally {
    shop.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly errors: string;
}

/** Reads what a process says to its end. One that says that it waits is killed. */
async function ended(child: ChildProcess, lines: string[]): Promise<Ended> {
  const said = { out: "", errors: "" };
  child.stderr?.on("data", (data: Buffer) => void (said.errors += data.toString()));
  child.stdout?.on("data", (data: Buffer) => {
    said.out += data.toString();
    if (said.out.endsWith("waits\n")) child.kill("SIGKILL");
  });
  await once(child, "close");
  lines.push(...said.out.split("\n").filter((line) => line !== ""));
  const { exitCode: code, signalCode: signal } = child;
  if (signal !== null) lines.push(`(killed by ${signal})`);
  return { code, signal, errors: said.errors };
}

interface Shop {
  readonly url: string;
  /** Each refund that arrived, by its key. The shop forbids no second one: that there is none is the gate's doing. */
  readonly counted: string[];
  caller: ChildProcess | null;
  /** Where callers are still to be killed. */
  readonly kills: Story["kills"][number][];
  killed: number;
  close(): void;
}

/** A stand-in for the shop, in this process, which outlives the agent's. */
async function openShop(): Promise<Shop> {
  const server = createServer((request, response) => {
    request.resume();
    const key = (request.url ?? "").split("/").at(-1) ?? "";
    if (request.method !== "POST") {
      const place = shop.counted.indexOf(key);
      response.writeHead(place < 0 ? 404 : 200).end(`refund-${place + 1}`);
      return;
    }
    const kills = shop.kills.shift();
    if (kills !== "before the effect") shop.counted.push(key);
    if (kills === undefined) {
      response.writeHead(200).end(`refund-${shop.counted.length}`);
    } else {
      shop.killed += 1;
      shop.caller?.kill("SIGKILL");
      response.destroy();
    }
  });
  const port = await listen(server);
  const shop: Shop = {
    url: `http://127.0.0.1:${port}`,
    counted: [],
    caller: null,
    kills: [],
    killed: 0,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return shop;
}

/** A line about a story, for people. */
export function storyTitle(program: string, { says, kills }: Story): string {
  const killed = kills.map((place) => `, killed ${place}`).join("");
  return `${basename(program, ".ts")}: killed while it waits, ${says}${killed}`;
}
