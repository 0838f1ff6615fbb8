import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { certify, opensslMissing } from "#test/support/outside.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { startStandIn } from "#test/systems/stand-in.ts";
import { clientUnderTest, readFails } from "./client-under-test.ts";

test(
  "a system whose own certificate no known authority signed is sent nothing",
  { skip: opensslMissing },
  async (context) => {
    const folder = temporaryFolder(context);
    const at = (name: string): string => join(folder, name);
    await certify(at, "server", "-addext", "subjectAltName=IP:127.0.0.1");
    const [key, cert] = ["key", "pem"].map((kind) => readFileSync(at(`server.${kind}`)));
    assert.ok(key && cert);
    const standIn = await startStandIn({ key, cert });
    const { client } = await clientUnderTest(context, { standIn });
    await readFails(client, /certificate|signature/);
    assert.equal(standIn.arrivals.length, 0);
  },
);
