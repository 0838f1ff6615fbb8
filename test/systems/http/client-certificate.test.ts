import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { startStandIn } from "#test/systems/stand-in.ts";
import { clientUnderTest, readFails, request, signal } from "./client-under-test.ts";

const run = promisify(execFile);

/** Node makes keys but no certificates. */
const hasOpenssl = await run("openssl", ["version"]).then(
  () => true,
  () => false,
);

describe("mutual TLS", { skip: hasOpenssl ? false : "there is no openssl on this machine" }, () => {
  let folder = "";
  const at = (name: string): string => join(folder, name);

  async function certify(name: string, ...more: readonly string[]): Promise<void> {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"];
    const files = [at(`${name}.key`), "-out", at(`${name}.pem`), "-subj", `/CN=${name}`];
    await run("openssl", ["req", "-x509", "-days", "2", ...key, ...files, ...more]);
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "deskhand-tls-"));
    await certify("authority");
    const by = ["-CA", at("authority.pem"), "-CAkey", at("authority.key")];
    await certify("server", ...by, "-addext", "subjectAltName=IP:127.0.0.1");
    await certify("deskhand", ...by);
    await certify("stranger");
  });

  after(async () => await rm(folder, { recursive: true }));

  test("a request shows the certificate of its files, and another file counts from the next one on", async (context) => {
    const standIn = await startStandIn({
      key: await readFile(at("server.key")),
      cert: await readFile(at("server.pem")),
      ca: await readFile(at("authority.pem")),
      requestCert: true,
      rejectUnauthorized: true,
    });
    standIn.answerWith(() => ({ status: 200, body: {}, headers: { connection: "close" } }));
    const names = { certificate: "BOOKS_CERTIFICATE", key: "BOOKS_KEY" };
    const environment = {
      BOOKS_CERTIFICATE: at("shown.pem"),
      BOOKS_KEY: at("shown.key"),
      BOOKS_AUTHORITY: at("authority.pem"),
    };
    const { client } = await clientUnderTest(context, {
      connection: { clientCertificate: { ...names, authority: "BOOKS_AUTHORITY" } },
      environment,
      standIn,
    });
    const show = async (name: string): Promise<void> => {
      await copyFile(at(`${name}.pem`), at("shown.pem"));
      await copyFile(at(`${name}.key`), at("shown.key"));
    };
    await readFails(client, /shown\.pem is not there/);
    await show("stranger");
    await readFails(client);
    assert.equal(standIn.arrivals.length, 0);
    await show("deskhand");
    assert.equal((await client.read(request(), signal)).kind, "found");
    await show("stranger");
    await readFails(client);
    assert.equal(standIn.arrivals.length, 1);

    await show("deskhand");
    await writeFile(at("shown.key"), "no key");
    assert.doesNotMatch(String(await readFails(client)), /no key/);
  });

  test("a system whose own certificate no known authority signed is sent nothing", async (context) => {
    const standIn = await startStandIn({
      key: await readFile(at("server.key")),
      cert: await readFile(at("server.pem")),
    });
    const { client } = await clientUnderTest(context, { standIn });
    await readFails(client, /certificate|signature/);
    assert.equal(standIn.arrivals.length, 0);
  });
});
