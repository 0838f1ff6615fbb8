/** The rule behind the way out: which addresses NO_PROXY exempts, how the variables are spelt, and what doctor says. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { z } from "zod";
import { setVariables } from "#config/environment-file.ts";
import { readConfig, wayOutIn } from "#config/environment.ts";
import { proxyFindings } from "#doctor/probes.ts";
import { openExit, proxyFor } from "#http/proxy.ts";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { certify, opensslMissing } from "#test/support/outside.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

test("NO_PROXY lists names with those below them, addresses and networks, each with a port or without", async () => {
  const proxied = (address: string) => proxyFor(new URL(address)) !== null;
  for (const [noProxy, [direct, through]] of Object.entries({
    "shop.test": [
      ["https://shop.test", "https://a.b.shop.test", "https://SHOP.test."],
      ["https://myshop.test", "https://shop.test.evil.test"],
    ],
    ".shop.test": [["https://shop.test", "https://a.shop.test"], ["https://myshop.test"]],
    "*.shop.test": [["https://a.shop.test"], ["https://shop.test"]],
    "a.test, b.test c.test": [
      ["https://a.test", "https://b.test", "https://c.test"],
      ["https://d.test"],
    ],
    "shop.test:8443": [["https://shop.test:8443"], ["https://shop.test", "https://shop.test:843"]],
    "shop.test:443": [["https://shop.test", "wss://shop.test"], ["https://shop.test:8443"]],
    "10.0.0.0/8": [["https://10.9.8.7"], ["https://11.0.0.1", "https://10.shop.test"]],
    "10.1.2.3": [["https://10.1.2.3:9000"], ["https://10.1.2.30"]],
    "10.1.2.3:9000": [["https://10.1.2.3:9000"], ["https://10.1.2.3"]],
    "fd00::/8,[2001:db8::1]:443": [
      ["https://[fd12::1]", "https://[2001:db8::1]"],
      ["https://[2001:db8::1]:444", "https://[2001:db8::2]"],
    ],
    "*": [["https://shop.test", "https://1.2.3.4"], []],
    "": [
      [
        "http://shop.test",
        "ws://shop.test",
        "https://localhost",
        "https://a.localhost",
        "https://127.9.9.9",
        "https://[::1]",
      ],
      ["https://shop.test", "https://localhost.test"],
    ],
  } as const)) {
    await openExit("http://proxy.test:3128", noProxy);
    for (const address of direct) assert.equal(proxied(address), false, `${noProxy}: ${address}`);
    for (const address of through) assert.equal(proxied(address), true, `${noProxy}: ${address}`);
  }
});

test("the variables count in both spellings, the small one first, and only for an HTTP proxy", () => {
  assert.deepEqual(
    setVariables({ https_proxy: "http://a.test", HTTPS_PROXY: "http://b.test", NO_PROXY: "" }),
    { https_proxy: "http://a.test", HTTPS_PROXY: "http://a.test" },
  );
  assert.equal(
    readConfig({ https_proxy: "http://a.test:1" }).environment.HTTPS_PROXY,
    "http://a.test:1",
  );
});

test("a wrong HTTPS_PROXY is named without its password, and no command ends of it before", async (context) => {
  for (const HTTPS_PROXY of [
    "socks5://me:hidden@a.test",
    "a.test:3128",
    "me:hidden@a.test:3128",
    "http://me:hidden%@a.test:3128",
    "http://me%zz:hidden@a.test:3128",
  ]) {
    assert.throws(
      () => readConfig({ HTTPS_PROXY }),
      (error) => {
        assert.match(String(error), /1 problem.*\n.*HTTPS_PROXY: \S/);
        assert.doesNotMatch(String(error), /hidden/);
        return true;
      },
    );
    assert.deepEqual(wayOutIn({ HTTPS_PROXY, NO_PROXY: "b.test" }), [
      undefined,
      "b.test",
      undefined,
    ]);
  }
  const HTTPS_PROXY = "http://me:hidden%25@a.test:3128";
  assert.equal(readConfig({ HTTPS_PROXY }).environment.HTTPS_PROXY, HTTPS_PROXY);
  // Another setting that is wrong takes nothing from it.
  assert.equal(wayOutIn({ HTTPS_PROXY, DESKHAND_PORT: "no port" })[0], HTTPS_PROXY);
  const file = join(temporaryFolder(context), "proxy");
  writeFileSync(file, `${HTTPS_PROXY}\n`);
  assert.equal(wayOutIn({ HTTPS_PROXY_FILE: file })[0], HTTPS_PROXY);
  await openExit(...wayOutIn({ HTTPS_PROXY }));
});

test(
  "authorities in the file of settings count, which Node reads in its own environment alone",
  {
    skip: opensslMissing,
  },
  async (context) => {
    const folder = temporaryFolder(context);
    const at = (name: string): string => join(folder, name);
    for (const name of ["one", "other"]) await certify(at, name);
    const both = ["one", "other"].map((name) => readFileSync(at(`${name}.pem`), "utf8").trim());
    writeFileSync(at("both.pem"), both.join("\n"));
    // In a process of its own, since an authority of this machine may be in the environment of the test.
    const code = `
      import { getCACertificates } from "node:tls";
      import { wayOutIn } from "#config/environment.ts";
      import { openExit } from "#http/proxy.ts";
      for (const NODE_EXTRA_CA_CERTS of process.argv.slice(1))
        await openExit(...wayOutIn({ NODE_EXTRA_CA_CERTS }));
      console.log(JSON.stringify(getCACertificates("default")));`;
    // As for Node, what cannot be read is a warning.
    const argv = ["--input-type=module", "-e", code, at("nowhere.pem"), at("both.pem")];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, {
      env: BARE_ENVIRONMENT,
      maxBuffer: 10 * 1024 * 1024,
    });
    const trusted = z.array(z.string()).parse(JSON.parse(stdout));
    for (const pem of both) assert.ok(trusted.some((one) => one.trim() === pem));
    assert.match(stderr, /Ignoring extra certs from .*nowhere\.pem/);
  },
);

test("doctor names the proxy without its password", () => {
  const config = readConfig({
    HTTPS_PROXY: "http://me:hidden@proxy.test:3128",
    NO_PROXY: "a.test",
  });
  const [finding] = proxyFindings(config);
  assert.equal(finding?.found, "what leaves with TLS goes through proxy.test:3128, but for a.test");
  assert.deepEqual(proxyFindings(readConfig({})), []);
});
