/** Which certificates of an installation are watched: of its servers, of your own systems, and in files. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:tls";
import { join } from "node:path";
import { after, test } from "node:test";
import { readConfig } from "#config/environment.ts";
import { expiriesOf } from "#connections/expiries/expiries.ts";
import { fileEnd } from "#connections/expiries/certificate-files.ts";
import { serversOf } from "#connections/expiries/servers.ts";
import type { OwnSystems } from "#connections/expiries/systems.ts";
import { freePort } from "#sandbox/process/index.ts";
import { redisMissing, startRedis } from "#test/support/redis.ts";
import { certified, inDays, NEEDS_OPENSSL, portOf } from "./certified.ts";

// Inside the program, so that the folder of tools finds what it imports.
const HERE = mkdtempSync(join(import.meta.dirname, "tools-"));
after(() => rmSync(HERE, { recursive: true }));

const NO_SYSTEMS: OwnSystems = { addresses: [], databases: [], files: [] };

const SLACK = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  SLACK_APPROVALS_CHANNEL: "C1",
  SLACK_ALERTS_CHANNEL: "C2",
};

const BASE = { DESKHAND_DATA: ".deskhand", DESKHAND_POLICY: "policy.yaml", ...SLACK };

const asked = async (set: NodeJS.ProcessEnv, systems = NO_SYSTEMS): Promise<readonly string[]> =>
  serversOf(readConfig({ ...BASE, ...set }), systems).map(
    ({ kind, host, port, begin }) => `${kind} ${host}:${port} ${begin}`,
  );

test("only servers that are reached over TLS are asked, each once and in its own protocol", async () => {
  const mail = {
    IMAP_HOST: "mail.example",
    IMAP_USER: "u",
    IMAP_PASS: "p",
    SMTP_HOST: "mail.example",
    SUPPORT_ADDRESS: "help@shop.example",
  };
  assert.deepEqual(
    await asked({
      ...mail,
      SMTP_PORT: "587",
      DESKHAND_PUBLIC_URL: "https://desk.example",
      DATABASE_URL: "postgres://db.example/deskhand",
      REDIS_URL: "redis://cache.example:6379",
      SHOP_URL: "https://shop.example/api",
      SHOP_KEY: "k",
    }),
    [
      "public_url desk.example:443 tls",
      "database db.example:5432 postgres",
      "imap mail.example:993 tls",
      "smtp mail.example:587 smtp",
      "system shop.example:443 tls",
    ],
  );
  assert.deepEqual(
    await asked({ ...mail, IMAP_PORT: "143", SHOP_URL: "http://shop.example", SHOP_KEY: "k" }),
    ["imap mail.example:143 imap", "smtp mail.example:465 tls"],
  );
});

test("Redis is asked where its address says TLS, and the storage where it is a bucket", async () => {
  assert.deepEqual(await asked({ REDIS_URL: "rediss://cache.example" }), [
    "redis cache.example:6379 tls",
  ]);
  assert.deepEqual(await asked({ REDIS_URL: "redis://cache.example" }), []);
  const keys = { S3_ACCESS_KEY_ID: "id", S3_SECRET_ACCESS_KEY: "key" };
  const bucket = { DESKHAND_BLOBS: "s3://mails/desk", ...keys };
  assert.deepEqual(await asked({ ...bucket, S3_REGION: "eu-west-1" }), [
    "storage s3.eu-west-1.amazonaws.com:443 tls",
  ]);
  assert.deepEqual(await asked({ ...bucket, S3_ENDPOINT: "https://s3.example:9000" }), [
    "storage s3.example:9000 tls",
  ]);
  assert.deepEqual(await asked({ S3_ENDPOINT: "https://s3.example:9000", ...keys }), []);
});

test("of databases of your own, MySQL is asked where its connection is encrypted", async () => {
  const databases = [
    "postgres://u@erp.example/erp",
    "mysql://u@shop.example/shop",
    "mysql://u@old.example/shop?ssl-mode=DISABLED",
    "mysql://no-database.example",
    "sqlite:/srv/stock.db",
  ];
  assert.deepEqual(await asked({}, { ...NO_SYSTEMS, databases }), [
    "system erp.example:5432 postgres",
    "system shop.example:3306 mysql",
  ]);
});

/** An index of tools: over HTTP, of an MCP server, and of a database. */
const INDEX = `
import { connectionTo } from "#test/systems/memory-system.ts";
import { findOrder } from "#test/systems/declared-shop.ts";
import { findReturn } from "#test/systems/mcp-tools.ts";
import { findOrder as findRow } from "#test/systems/sql/shop-tables.ts";
const clientCertificate = { certificate: "BOOKS_CERTIFICATE", key: "BOOKS_KEY", authority: "BOOKS_AUTHORITY" };
const books = connectionTo({ addressFrom: "BOOKS_URL", address: null, clientCertificate });
const returns = findReturn("https://unused.example");
export const tools = [
  findOrder(books),
  { ...returns, connection: { ...returns.connection, addressFrom: "RETURNS_URL" } },
  { ...findRow("public"), name: "find_row", database: { name: "erp", addressFrom: "ERP_URL", limits: { timeoutMs: 1000 } } },
];
`;

test(
  "systems of your own, Redis with TLS and client certificates are seen with their ends; bundles of authorities raise no alarm",
  { skip: NEEDS_OPENSSL.skip || redisMissing },
  async (context) => {
    const [books, returns, cache, client, authority, extra] = await Promise.all(
      [21, 22, 23, 24, 25, 26].map((days) => certified(context, days, `name-of-${days}`)),
    );
    assert.ok(books && returns && cache && client && authority && extra);
    const booksPort = await portOf(context, createTlsServer(books));
    const returnsPort = await portOf(context, createTlsServer(returns));
    const tlsPort = await freePort();
    const redis = await startRedis({
      settings: {
        "tls-port": String(tlsPort),
        "tls-cert-file": cache.file,
        "tls-key-file": cache.file.replace("cert.pem", "key.pem"),
        "tls-ca-cert-file": cache.file,
      },
    });
    context.after(() => redis.stop());
    writeFileSync(join(HERE, "index.ts"), INDEX);
    const erp = `postgres://127.0.0.1:${await freePort()}/erp?sslrootcert=${authority.file}&sslcert=${client.file}`;
    const config = readConfig({
      ...BASE,
      TOOLS: HERE,
      BOOKS_URL: `https://127.0.0.1:${booksPort}`,
      BOOKS_CERTIFICATE: client.file,
      BOOKS_AUTHORITY: authority.file,
      RETURNS_URL: `https://127.0.0.1:${returnsPort}/mcp`,
      ERP_URL: erp,
      REDIS_URL: `rediss://127.0.0.1:${tlsPort}`,
      NODE_EXTRA_CA_CERTS: extra.file,
    });
    const found = await expiriesOf(config);
    assert.deepEqual(
      found.map(({ kind, what, at }) => `${kind}, ${inDays(at)} days: ${what}`),
      [
        `redis, 23 days: The certificate of 127.0.0.1:${tlsPort}`,
        `system, 21 days: The certificate of 127.0.0.1:${booksPort}`,
        `system, 22 days: The certificate of 127.0.0.1:${returnsPort}`,
        `file, 24 days: The certificate of name-of-24 in ${client.file}`,
      ],
    );
  },
);

test("a folder of tools that cannot be read hides no other end", async () => {
  const config = readConfig({
    ...BASE,
    TOOLS: join(HERE, "missing"),
    SHOP_KEY: "k",
    SHOP_URL: "http://s.example",
  });
  assert.deepEqual(await expiriesOf(config), []);
});

test(
  "of a file its own certificate counts, not the authorities' behind it",
  NEEDS_OPENSSL,
  async (context) => {
    const [own, authority] = await Promise.all([
      certified(context, 30, "own"),
      certified(context, 3, "authority"),
    ]);
    const file = (...pems: readonly (Buffer | string)[]): string => {
      const path = join(HERE, "chain.pem");
      writeFileSync(path, pems.join("\n"));
      return path;
    };
    const end = fileEnd(file(own.cert, authority.cert));
    assert.deepEqual([end?.subject, inDays(end?.at)], ["own", 30]);
    assert.equal(fileEnd(file("no certificate")), null);
    const broken = "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----";
    assert.equal(fileEnd(file(broken)), null);
    assert.equal(fileEnd(join(HERE, "not-there.pem")), null);
  },
);
