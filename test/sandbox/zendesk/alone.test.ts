/** The sandbox Zendesk as a program of its own. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { z } from "zod";

const First = z.object({
  url: z.string(),
  tokens: z.object({
    admin: z.string(),
    bot: z.string(),
    dana: z.string(),
    lee: z.string(),
    ann: z.string(),
  }),
  groups: z.strictObject({ bot: z.int(), tier2: z.int(), sensitive: z.int() }),
});

function folder(context: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "zendesk-alone-"));
  context.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Started the way npm starts it, in a folder of the test's. */
function start(context: TestContext, cwd: string, ...options: string[]) {
  const program = resolve("packages/sandbox/main.ts");
  const child = spawn(process.execPath, [program, "zendesk", ...options], { cwd });
  const ended = once(child, "exit");
  context.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, ended };
}

test("the first line is JSON with address, tokens and groups, and they work", async (context) => {
  const { child, ended } = start(context, folder(context), "--port", "0");
  const [line] = await once(createInterface(child.stdout), "line");
  const { url, tokens, groups } = First.parse(JSON.parse(String(line)));
  const as = async (who: keyof typeof tokens, path: string) => {
    const headers = { authorization: `Bearer ${tokens[who]}` };
    return await fetch(`${url}/api/v2${path}`, { headers });
  };
  for (const who of ["admin", "bot", "dana", "lee", "ann"] as const) {
    const me = z.looseObject({ user: z.looseObject({ name: z.string() }) });
    assert.notEqual(
      me.parse(await (await as(who, "/users/me")).json()).user.name,
      "Anonymous user",
    );
  }
  assert.equal((await as("lee", `/groups/${groups.tier2}`)).status, 200);
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});
