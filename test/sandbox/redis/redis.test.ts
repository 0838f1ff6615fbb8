/** The embedded Redis: where the program comes from, and what becomes of it when things die. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Redis } from "ioredis";
import { findProgram } from "#sandbox/process/index.ts";
import { startEmbeddedRedis, answersPing } from "#sandbox/redis/index.ts";
import { redisMissing } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";

const folder = mkdtempSync(join(tmpdir(), "embedded-redis-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const ignore = (): void => {};

async function ask<T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  client.on("error", ignore);
  try {
    await client.connect();
    return await question(client);
  } finally {
    client.disconnect();
  }
}

function pidOf(directory: string): number {
  return Number(readFileSync(join(directory, "redis.pid"), "utf8"));
}

function alive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

test(
  "it never evicts, listens on loopback alone and finds its data again",
  { skip: redisMissing },
  async () => {
    const directory = join(folder, "again");
    const first = await startEmbeddedRedis({ directory, log: ignore });
    await ask(first.url, async (client) => {
      assert.deepEqual(await client.config("GET", "maxmemory-policy"), [
        "maxmemory-policy",
        "noeviction",
      ]);
      assert.deepEqual(await client.config("GET", "appendonly"), ["appendonly", "yes"]);
      assert.deepEqual(await client.config("GET", "bind"), ["bind", "127.0.0.1"]);
      await client.set("kept", "yes");
    });
    const pid = pidOf(directory);
    await first.close();
    assert.equal(alive(pid), false);
    assert.equal(existsSync(join(directory, "redis.pid")), false);

    const second = await startEmbeddedRedis({ directory, log: ignore });
    assert.equal(await ask(second.url, (client) => client.get("kept")), "yes");
    await second.close();
  },
);

test(
  "a Redis that is killed comes back at the same address, and says so",
  { skip: redisMissing },
  async () => {
    const lines: string[] = [];
    const directory = join(folder, "killed");
    const redis = await startEmbeddedRedis({ directory, log: (line) => lines.push(line) });
    const pid = pidOf(directory);
    process.kill(pid, "SIGKILL");
    await until("it to answer again", () => answersPing(Number(new URL(redis.url).port)));
    assert.notEqual(pidOf(directory), pid);
    assert.match(lines.join("\n"), /ended unexpectedly \(SIGKILL\)/);
    await redis.close();
    assert.deepEqual(lines.length, 1, "closing is not reported as a death");
  },
);

test(
  "when Deskhand is killed its Redis goes too, and the next start works on the same data",
  { skip: redisMissing },
  async () => {
    const directory = join(folder, "orphan");
    const program = `
    import { startEmbeddedRedis } from "#sandbox/redis/index.ts";
    const redis = await startEmbeddedRedis({ directory: ${JSON.stringify(directory)}, log: () => {} });
    process.stdout.write(redis.url);
    setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [url] = await once(owner.stdout, "data");
    await ask(String(url), (client) => client.set("written", "before"));
    const pid = pidOf(directory);
    owner.kill("SIGKILL");
    await until("its Redis to end", async () => !alive(pid));
    const redis = await startEmbeddedRedis({ directory, log: ignore });
    assert.equal(await ask(redis.url, (client) => client.get("written")), "before");
    await redis.close();
  },
);

test(
  "a leftover server on the same data is ended before a new one starts",
  { skip: redisMissing },
  async () => {
    const directory = join(folder, "leftover");
    const data = join(directory, "data");
    mkdirSync(data, { recursive: true });
    const leftover = spawn(
      findProgram("redis-server") ?? "",
      ["--port", "0", "--unixsocket", join(directory, "old.sock"), "--dir", data],
      { stdio: "ignore" },
    );
    const ended = once(leftover, "exit");
    await until("the leftover to be up", async () => existsSync(join(directory, "old.sock")));
    writeFileSync(join(directory, "redis.pid"), String(leftover.pid));
    const redis = await startEmbeddedRedis({ directory, log: ignore });
    // This process hears of it only when it comes to its own events.
    await ended;
    await redis.close();
  },
);

test(
  "a PID that now belongs to another program is left alone",
  { skip: redisMissing },
  async () => {
    const directory = join(folder, "stranger");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "redis.pid"), String(process.pid));
    const redis = await startEmbeddedRedis({ directory, log: ignore });
    await redis.close();
  },
);

test(
  "files it cannot read are set aside instead of keeping Deskhand from starting",
  { skip: redisMissing },
  async () => {
    const lines: string[] = [];
    const directory = join(folder, "broken");
    const files = join(directory, "data", "appendonlydir");
    mkdirSync(files, { recursive: true });
    writeFileSync(join(files, "appendonly.aof.manifest"), "this is no manifest\n");
    const redis = await startEmbeddedRedis({ directory, log: (line) => lines.push(line) });
    assert.equal(await ask(redis.url, (client) => client.ping()), "PONG");
    assert.match(lines.join("\n"), /were moved to .*data\.unreadable/);
    assert.ok(existsSync(join(directory, "data.unreadable", "appendonlydir")));
    await redis.close();
  },
);

test(
  "without redis-server on PATH it is unpacked from the distribution's package",
  { skip: noApt() },
  async () => {
    const directory = join(folder, "unpacked");
    const programs = join(folder, "programs");
    mkdirSync(programs);
    for (const name of ["apt-get", "dpkg-deb", "dpkg", "tar", "setpriv", "sh", "rm"]) {
      const file = ["/usr/bin", "/bin"].map((path) => join(path, name)).find(existsSync);
      if (file !== undefined) symlinkSync(file, join(programs, name));
    }
    const path = process.env["PATH"];
    process.env["PATH"] = programs;
    try {
      const lines: string[] = [];
      const redis = await startEmbeddedRedis({ directory, log: (line) => lines.push(line) });
      assert.match(lines.join("\n"), /unpacking \d+ packages/);
      assert.equal(await ask(redis.url, (client) => client.ping()), "PONG");
      await redis.close();
      assert.deepEqual(
        readdirSync(directory).sort(),
        ["data", "unpacked"],
        "the downloads are gone",
      );

      const said = lines.length;
      const again = await startEmbeddedRedis({ directory, log: (line) => lines.push(line) });
      assert.equal(lines.length, said, "what was unpacked once is used again");
      await again.close();
    } finally {
      process.env["PATH"] = path;
    }
  },
);

test("where no Redis can be had the error says what to do", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = join(folder, "empty");
  try {
    await assert.rejects(
      startEmbeddedRedis({ directory: join(folder, "none"), log: ignore }),
      /set REDIS_URL/,
    );
  } finally {
    process.env["PATH"] = path;
  }
});

/** Only a Debian that knows the package can be asked for it; being offline is no fault of the code. */
function noApt(): string | false {
  const lists = "/var/lib/apt/lists";
  return existsSync("/usr/bin/apt-get") &&
    existsSync(lists) &&
    readdirSync(lists).some((name) => name.includes("Packages"))
    ? false
    : "there are no package lists to unpack Redis from";
}
