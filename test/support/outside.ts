/**
 * Servers outside, played on this machine behind a proxy: HTTPS with a WebSocket, IMAP and SMTP, all with TLS and a
 * certificate for `*.outside.test`, this machine and one public address. The authority that signed it is trusted by this process.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttps } from "node:https";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTls, getCACertificates, setDefaultCACertificates } from "node:tls";
import { promisify } from "node:util";
import { bytesOf } from "./http-front.ts";
import { listen } from "./loopback.ts";

const run = promisify(execFile);

/** Node makes keys but no certificates. */
export const opensslMissing: string | false = await run("openssl", ["version"]).then(
  () => false as const,
  () => "there is no openssl on this machine",
);

/** A public address, which no test may really reach. */
export const PUBLIC_ADDRESS = "93.184.216.34";

/** One request as it arrived. */
interface OutsideRequest {
  readonly host: string;
  readonly path: string;
  readonly body: string;
}

export interface Outside {
  readonly requests: OutsideRequest[];
  /** What is answered as JSON, by path; `{}` for every other. */
  readonly answers: Map<string, unknown>;
  readonly ports: { readonly https: number; readonly imap: number; readonly smtp: number };
  close(): Promise<void>;
}

export async function openOutside(): Promise<Outside> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-outside-"));
  const at = (name: string): string => join(folder, name);
  await certify(at, "authority");
  const signed = ["-CA", at("authority.pem"), "-CAkey", at("authority.key")];
  const names = `subjectAltName=DNS:*.outside.test,DNS:localhost,IP:${PUBLIC_ADDRESS}`;
  await certify(at, "server", ...signed, "-addext", names);
  const authority = readFileSync(at("authority.pem"), "utf8");
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, authority]);
  const tls = { cert: readFileSync(at("server.pem")), key: readFileSync(at("server.key")) };
  const requests: OutsideRequest[] = [];
  const answers = new Map<string, unknown>();
  const https = createHttps(tls);
  https.on("request", (request, response) => {
    void bytesOf(request).then((bytes) => {
      const path = request.url ?? "";
      const { host = "" } = request.headers;
      requests.push({ host, path, body: Buffer.from(bytes).toString() });
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answers.get(path) ?? {}));
    });
  });
  https.on("upgrade", (request, socket: Socket) => greet(request.headers, socket));
  const servers = [https, createTls(tls, speakImap), createTls(tls, speakSmtp)];
  const [httpsPort = 0, imap = 0, smtp = 0] = await Promise.all(
    servers.map((server) => listen(server)),
  );
  return {
    requests,
    answers,
    ports: { https: httpsPort, imap, smtp },
    async close() {
      https.closeAllConnections();
      await Promise.all(servers.map(async (server) => server.close()));
      setDefaultCACertificates(before);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Makes a certificate and its key, signed by itself unless `more` says by whom. */
export async function certify(
  at: (name: string) => string,
  name: string,
  ...more: readonly string[]
): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"];
  const files = [at(`${name}.key`), "-out", at(`${name}.pem`), "-subj", `/CN=${name}`];
  await run("openssl", ["req", "-x509", "-days", "2", ...key, ...files, ...more]);
}

/** Takes a WebSocket (RFC 6455 4.2.2) and says Slack's hello; any word from the other side ends it. */
function greet(headers: Readonly<Record<string, unknown>>, socket: Socket): void {
  const key = `${String(headers["sec-websocket-key"])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.on("error", () => undefined);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  );
  const hello = Buffer.from(JSON.stringify({ type: "hello", num_connections: 1 }));
  socket.write(Buffer.concat([Buffer.from([0x81, hello.length]), hello]));
  // A close frame without a status.
  socket.once("data", () => socket.end(Buffer.from([0x88, 0])));
}

function speakImap(socket: Socket): void {
  socket.on("error", () => undefined);
  socket.write("* OK [CAPABILITY IMAP4rev1] ready\r\n");
  socket.on("data", (bytes) => {
    for (const line of bytes.toString().split("\r\n").filter(Boolean))
      socket.write(`${line.split(" ")[0]} OK done\r\n`);
  });
}

function speakSmtp(socket: Socket): void {
  socket.on("error", () => undefined);
  socket.write("220 ready\r\n");
  socket.on("data", (bytes) => {
    const line = bytes.toString();
    socket.write(
      /^EHLO/i.test(line)
        ? "250-outside\r\n250 AUTH PLAIN\r\n"
        : /^AUTH/i.test(line)
          ? "235 welcome\r\n"
          : "250 done\r\n",
    );
  });
}
