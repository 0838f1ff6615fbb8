/** The programs tests need: what a system without them is told, and that CI does not pass without them. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const PARTS = join(import.meta.dirname, "..", "..", "test", "runner", "parts.mjs");

/** Looks for the parts on a PATH with nothing on it, so nothing is installed either. */
async function lookOnEmptyPath(more: Readonly<Record<string, string>>) {
  const script = `import(${JSON.stringify(PARTS)}).then(({ findParts }) => findParts()).catch((error) => { process.stderr.write(error.message); process.exitCode = 1; })`;
  const child = spawn(process.execPath, ["-e", script], {
    env: { PATH: import.meta.dirname, ...more },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = await once(child, "close");
  return { code: Number(code), said };
}

/** These are looked for beside PATH as well, so here they may be installed. */
const besidePath: Readonly<Record<string, string>> = {
  Dovecot: "/usr/sbin/dovecot",
  MariaDB: "/usr/sbin/mariadbd",
  PostgreSQL: "/usr/lib/postgresql",
};

test("what is missing is named with what is skipped and the packages that have it", async () => {
  const { code, said } = await lookOnEmptyPath({});
  assert.equal(code, 0);
  assert.match(
    said,
    /Redis is not here: tests on a real Redis are skipped\. On Debian: apt-get install redis-server/,
  );
  assert.match(said, /Chromium is not here: .*apt-get install chromium/);
  if (!existsSync(besidePath["Dovecot"] ?? ""))
    assert.match(
      said,
      /Dovecot is not here: tests on a real mail server are skipped\. On Debian: apt-get install dovecot-imapd dovecot-lmtpd/,
    );
});

test("under CI a missing part fails the run", async () => {
  const { code, said } = await lookOnEmptyPath({ CI: "true" });
  assert.equal(code, 1);
  const missing = Object.entries(besidePath).filter(([, file]) => !existsSync(file));
  const names = ["Redis", "Chromium", ...missing.map(([name]) => name)];
  const [list = ""] = /CI=true: a missing part fails the run \(.*\)/.exec(said) ?? [];
  for (const name of names) assert.ok(list.includes(name), `${name} in: ${said}`);
});
