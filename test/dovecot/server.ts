/** A real Dovecot for tests: its own processes and folders, loopback only, any address of it is a user. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { chown, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ImapFlow } from "imapflow";

import { findProgram, freePort } from "#sandbox/process/index.ts";
import { until } from "#test/support/waiting.ts";
import { spoken } from "./lines.ts";
import { configuration, PASSWORD } from "./server-files.ts";

/** Its parts for IMAP and LMTP are packages of their own, so the program alone is not enough. */
const isWhole = ["/usr/lib/dovecot", "/usr/libexec/dovecot"].some((folder) =>
  ["imap", "lmtp"].every((part) => executable(join(folder, part)) !== undefined),
);
// Debian keeps it where only root has it on PATH.
const program = isWhole ? (findProgram("dovecot") ?? executable("/usr/sbin/dovecot")) : undefined;

/** For a test's `skip`: false where a Dovecot is installed, else why the test cannot run. */
export const dovecotMissing: string | false =
  program === undefined
    ? "Dovecot is not installed (on Debian: apt-get install dovecot-imapd dovecot-lmtpd)"
    : false;

/** A mail as the server keeps it. */
interface KeptMail {
  readonly raw: Buffer;
  /** Letters of the Maildir name: S seen, R answered, F flagged, T deleted, D draft. */
  readonly flags: string;
}

/** One running server. Every address is a user as soon as it is named, with the password `PASSWORD`. */
export interface Dovecot {
  readonly imapPort: number;
  /** Over LMTP, as a mail server on the way would; `to` may have a plus part. */
  deliver(raw: Buffer, ...to: readonly string[]): Promise<void>;
  /** Into a folder over IMAP, as a mail program would. */
  append(user: string, folder: string, raw: Buffer): Promise<void>;
  /** How this user's inbox is numbered now. */
  numbering(user: string): Promise<{ readonly uidValidity: string; readonly uidNext: number }>;
  /** Many mails at once, written as files before the server looks. */
  fill(user: string, mails: readonly Buffer[]): Promise<void>;
  /** What lies in a folder, oldest first, read from disk and not from the server. */
  mails(user: string, folder?: string): Promise<readonly KeptMail[]>;
  /** A mail program's session, for moving and marking. */
  asPerson<Result>(user: string, use: (client: ImapFlow) => Promise<Result>): Promise<Result>;
  /** Whether the server takes this user's password, as after its owner changed it; at first it does. */
  takePassword(user: string, takes: boolean): Promise<void>;
  /** SIGKILL for all of its processes, at once. */
  kill(): Promise<void>;
  /** Up again on the same ports with what it had on disk. */
  restart(): Promise<void>;
  /** Kill, forget the numbering of this user's inbox, and start: another UIDVALIDITY, other UIDs. */
  renumber(user: string): Promise<void>;
  close(): Promise<void>;
}

const START_WAIT_MS = 10_000;

/** Starts one in a temporary folder; with a key and a certificate it offers STARTTLS. Throws where none is installed. */
export async function startDovecot(
  tls: { readonly key: Buffer; readonly cert: Buffer } | null = null,
): Promise<Dovecot> {
  if (program === undefined) throw new Error(String(dovecotMissing));
  const binary = program;
  const folder = await mkdtemp(join(tmpdir(), "dovecot-"));
  // Dovecot refuses root's mail, and started as another user it needs none of the accounts of its package.
  const asRoot = process.getuid?.() === 0;
  const ids = { uid: 65_534, gid: 65_534 };
  const owner = asRoot ? "nobody" : userInfo().username;
  // A group need not be called like its user.
  const group = execFileSync("id", ["-gn", ...(asRoot ? [owner] : [])])
    .toString()
    .trim();
  const ports = { imap: await freePort(), lmtp: await freePort() };
  const file = join(folder, "dovecot.conf");
  const refusals = join(folder, "refused");
  const refused = new Set<string>();
  const own = async (path: string): Promise<void> => {
    if (asRoot) await chown(path, ids.uid, ids.gid);
  };
  await writeFile(file, configuration({ folder, owner, group, ports, hasTls: tls !== null }));
  await writeFile(refusals, "");
  for (const path of [folder, file, refusals]) await own(path);
  for (const [name, pem] of Object.entries(tls ?? {})) {
    await writeFile(join(folder, `${name}.pem`), pem);
    await own(join(folder, `${name}.pem`));
  }

  const running: { master?: ChildProcess } = {};
  const start = async (): Promise<void> => {
    const [command, ...parameters] = [...withParent(), binary, "-F", "-c", file];
    const master = spawn(command ?? binary, parameters, {
      stdio: "ignore",
      detached: true,
      ...(asRoot ? ids : {}),
    });
    running.master = master;
    await Promise.all([greeted(ports.imap, master, folder), greeted(ports.lmtp, master, folder)]);
  };
  const kill = async (): Promise<void> => {
    const { master } = running;
    delete running.master;
    if (master?.pid === undefined || master.exitCode !== null) return;
    const ended = once(master, "exit");
    // Its workers live on for seconds after a polite end, so the whole group it leads is killed.
    process.kill(-master.pid, "SIGKILL");
    await ended;
    // Workers that still have to end hold the ports, and the next server could not listen there.
    await Promise.all([released(ports.imap), released(ports.lmtp)]);
  };
  const close = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  await start().catch(async (error: unknown) => {
    await close();
    throw error;
  });

  const maildir = (user: string, sub = "INBOX"): string =>
    join(folder, "home", user, "Maildir", sub === "INBOX" ? "" : `.${sub}`);
  const asPerson = async <Result>(
    user: string,
    use: (client: ImapFlow) => Promise<Result>,
  ): Promise<Result> => {
    const client = new ImapFlow({
      host: "127.0.0.1",
      port: ports.imap,
      secure: false,
      auth: { user, pass: PASSWORD },
      logger: false,
    });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.logout();
    }
  };
  return {
    imapPort: ports.imap,
    deliver: (raw, ...to) => lmtp(ports.lmtp, raw, to),
    append: (user, sub, raw) =>
      asPerson(user, async (client) => void (await client.append(sub, raw, []))),
    numbering: (user) =>
      asPerson(user, async (client) => {
        const { uidValidity, uidNext } = await client.mailboxOpen("INBOX", { readOnly: true });
        return { uidValidity: String(uidValidity), uidNext };
      }),
    async fill(user, mails) {
      // The server makes the folders, so that they are as it wants them.
      await asPerson(
        user,
        async (client) => void (await client.status("INBOX", { messages: true })),
      );
      const at = maildir(user);
      await Promise.all(
        mails.map(async (raw, index) => {
          const number = String(index).padStart(6, "0");
          await writeFile(join(at, "new", `1700000000.M${number}P1.filled`), raw);
        }),
      );
    },
    mails: (user, sub) => keptIn(maildir(user, sub)),
    asPerson,
    async takePassword(user, takes) {
      if (takes) refused.delete(user);
      else refused.add(user);
      await writeFile(refusals, [...refused].map((name) => `${name}:\n`).join(""));
      // The server looks at the file once a second.
      await until("the server to know", async () => {
        const taken = await asPerson(user, async () => true).catch(() => false);
        return taken === takes;
      });
    },
    kill,
    restart: async () => {
      await kill();
      await start();
    },
    async renumber(user) {
      await kill();
      const names = await readdir(maildir(user));
      // What is left, dovecot-uidvalidity, keeps it from giving out the same number again within a second.
      const known = names.filter((name) => /^dovecot(?:-uidlist|\.index)/.test(name));
      for (const name of known) await rm(join(maildir(user), name), { recursive: true });
      await start();
    },
    close,
  };
}

/** Where Linux offers it, a test process that is killed takes its server with it. */
function withParent(): readonly string[] {
  const setpriv = findProgram("setpriv");
  return setpriv === undefined ? [] : [setpriv, "--pdeathsig", "SIGKILL"];
}

function executable(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    return undefined;
  }
}

/** Waits until nothing listens on this port any more. */
async function released(port: number): Promise<void> {
  await until(`port ${port} to be released`, async () => {
    const socket = connect(port, "127.0.0.1");
    const refused = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(false));
      socket.once("error", () => resolve(true));
    });
    socket.destroy();
    return refused;
  });
}

/** Waits until a server says its first line there. */
async function greeted(port: number, master: ChildProcess, folder: string): Promise<void> {
  for (const end = Date.now() + START_WAIT_MS; Date.now() < end; await delay(5)) {
    if (master.exitCode !== null || master.signalCode !== null) break;
    const said = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("error", () => resolve(false));
      socket.once("close", () => resolve(false));
      socket.once("data", () => {
        resolve(true);
        socket.destroy();
      });
    });
    if (said) return;
  }
  const log = await readFile(join(folder, "log"), "utf8").catch(() => "");
  throw new Error(`Dovecot did not start.\n${log.slice(-2_000)}`);
}

/** RFC 2033: one answer a recipient after the content. */
async function lmtp(port: number, raw: Buffer, to: readonly string[]): Promise<void> {
  const dotted = raw.toString("latin1").replaceAll(/\r?\n/g, "\r\n").replaceAll(/^\./gm, "..");
  const content = dotted.endsWith("\r\n") ? dotted : `${dotted}\r\n`;
  const steps = [
    "LHLO test",
    "MAIL FROM:<sender@customer.test>",
    ...to.map((address) => `RCPT TO:<${address}>`),
    "DATA",
  ];
  await spoken(port, async ({ say, answer }) => {
    const expect = async (from: number): Promise<void> => {
      const line = await answer((text) => /^\d{3} /.test(text));
      if (Math.floor(Number(line.slice(0, 3)) / 100) !== from) throw new Error(`LMTP: ${line}`);
    };
    await expect(2);
    for (const step of steps) {
      say(step);
      await expect(step === "DATA" ? 3 : 2);
    }
    say(`${content}.`);
    for (const _ of to) await expect(2);
    say("QUIT");
  });
}

async function keptIn(maildir: string): Promise<readonly KeptMail[]> {
  const found = await Promise.all(
    ["new", "cur"].map(async (sub) => {
      const names = await readdir(join(maildir, sub)).catch(() => []);
      return names.map((name) => ({ name, path: join(maildir, sub, name) }));
    }),
  );
  const sorted = found
    .flat()
    // Seconds and then microseconds, which are written without leading zeros.
    .toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  return Promise.all(
    sorted.map(async ({ name, path }) => ({
      raw: await readFile(path),
      flags: /:2,([A-Z]*)/i.exec(name)?.[1] ?? "",
    })),
  );
}
