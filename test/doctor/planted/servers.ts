/** What stands around the installation in which mistakes are planted: a PostgreSQL that asks for a password, a model's provider, TLS with another name, a help centre behind a login. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import {
  createServer as createTlsServer,
  getCACertificates,
  setDefaultCACertificates,
} from "node:tls";
import { z } from "zod";
import { installationMark } from "#core/connection/signing-keys.ts";
import { bytesOf, listen as listenHttp } from "#test/support/http-front.ts";
import { closed, listen } from "#test/support/loopback.ts";
import { json, obliging } from "#test/support/model-provider.ts";

/** A server in front of another one, and how it ends. */
interface Front {
  readonly port: number;
  readonly close: () => Promise<void>;
}

async function opened(server: Server, sockets: ReadonlySet<Socket>): Promise<Front> {
  const port = await listen(server);
  return {
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await closed(server);
    },
  };
}

/** One message of PostgreSQL's protocol: its letter, its length and its content. */
function message(letter: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(letter);
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

/** AuthenticationCleartextPassword. */
const ASKS = message("R", Buffer.from([0, 0, 0, 3]));

function refused(user: string): Buffer {
  const fields = [
    "SFATAL",
    "VFATAL",
    "C28P01",
    `Mpassword authentication failed for user "${user}"`,
  ];
  return message("E", Buffer.from(`${fields.join("\0")}\0\0`));
}

/**
 * Asks for a password before it lets anybody through to the test's PostgreSQL, which trusts everyone (PostgreSQL's
 * protocol, "Message Flow", and its error 28P01).
 */
export async function passwordFront(target: string, password: string): Promise<Front> {
  const { hostname, port, username } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    sockets.add(near);
    near.on("error", () => undefined);
    near.once("data", (startup: Buffer) => {
      near.write(ASKS);
      near.once("data", (answer: Buffer) => {
        const given = answer.subarray(5).toString("utf8").replace(/\0$/, "");
        if (given !== password) return void near.end(refused(username));
        const far = connect(Number(port), hostname);
        sockets.add(far);
        far.on("error", () => near.destroy());
        far.write(startup);
        far.pipe(near);
        near.pipe(far);
      });
    });
  });
  return opened(server, sockets);
}

/** A certificate that this process trusts, for a name that nothing here has. Throws where there is no openssl. */
function certificateFor(name: string, folder: string) {
  const [key, cert] = [join(folder, "server.key"), join(folder, "server.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key];
  const about = ["-out", cert, "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...kind, ...about], { stdio: "ignore" });
  const made = { key: readFileSync(key), cert: readFileSync(cert) };
  setDefaultCACertificates([...getCACertificates("default"), made.cert.toString("utf8")]);
  return made;
}

/** TLS in front of a server, with a certificate for this name. */
export async function tlsFront(port: number, name: string, folder: string): Promise<Front> {
  const sockets = new Set<Socket>();
  const server = createTlsServer(certificateFor(name, folder), (near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    near.pipe(far);
    far.pipe(near);
  });
  server.on("tlsClientError", () => undefined);
  return opened(server, sockets);
}

export const MODEL = { key: "key-of-the-shop", name: "own-model-2", withoutTools: "own-base" };

const Asked = z.object({ model: z.string().optional(), tools: z.array(z.unknown()).optional() });

function error(message: string, code: string | null) {
  return { error: { message, code, type: "invalid_request_error", param: null } };
}

/** Why it refuses, as OpenAI and the servers that speak like it do; null for what it takes. */
function refusal(
  path: string,
  key: string,
  { model = "", tools = [] }: z.infer<typeof Asked>,
  hasCredit: boolean,
) {
  if (!path.startsWith("/v1/")) return [404, error(`Invalid URL (POST ${path})`, null)] as const;
  if (key !== `Bearer ${MODEL.key}`)
    return [401, error("Incorrect API key provided", "invalid_api_key")] as const;
  if (path === "/v1/models") return null;
  if (!hasCredit)
    return [429, error("You exceeded your current quota", "insufficient_quota")] as const;
  if (model === MODEL.withoutTools && tools.length > 0)
    return [400, error(`${model} does not support tools`, null)] as const;
  return [MODEL.name, MODEL.withoutTools].includes(model)
    ? null
    : ([404, error(`The model \`${model}\` does not exist`, "model_not_found")] as const);
}

/** A provider with two models, one of which takes no tools, and an account that may be empty. */
export async function modelProvider() {
  const state = { hasCredit: true };
  const server = await listenHttp((request, response: ServerResponse) => {
    void bytesOf(request).then((bytes) => {
      const body = Buffer.from(bytes).toString("utf8");
      const { url: path = "", headers } = request;
      const asked = Asked.parse(body === "" ? {} : JSON.parse(body));
      const said = refusal(path, headers.authorization ?? "", asked, state.hasCredit);
      if (said !== null) return json(response, said[0], said[1], { "retry-after": "0.01" });
      if (path === "/v1/models")
        return json(response, 200, {
          data: [MODEL.name, MODEL.withoutTools].map((id) => ({ id, object: "model" })),
        });
      return obliging(body, response);
    });
  });
  return { ...server, state };
}

/** The public address of this installation, or of another one. */
export function publicAddress(instance: string) {
  return listenHttp((request, response) => {
    const nonce = new URL(request.url ?? "", "http://here").searchParams.get("nonce") ?? "";
    json(response, 200, { status: "ok", installation: installationMark(instance, nonce) });
  });
}

/** A help centre that sends everybody to its login while it is closed. */
export async function helpCentre() {
  const state = { isOpen: true };
  const server = await listenHttp((request, response) => {
    if (request.url !== "/help/") response.writeHead(404).end();
    else if (!state.isOpen) response.writeHead(302, { location: "/account/login" }).end();
    else
      response
        .writeHead(200, { "content-type": "text/html" })
        .end("<main><h1>Returns</h1><p>You have thirty days to return a lamp.</p></main>");
  });
  return { ...server, state };
}

/** A shop behind a key, whose API is below one path. */
export function shopApi(path: string, keys: readonly string[]) {
  return listenHttp((request, response) => {
    const [, key = ""] = (request.headers.authorization ?? "").split(" ");
    const isBelow = request.url?.startsWith(`${path}/customers?`) === true;
    json(response, !isBelow ? 404 : keys.includes(key) ? 200 : 401, []);
  });
}
