/** What of MySQL needs no server: its addresses, its grants, and servers that do not answer. */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { furtherRights } from "#systems/sql/tables/mysql-schema.ts";
import { openSql } from "#systems/sql/open.ts";
import { mysqlOptions } from "#systems/sql/mysql.ts";
import { listen } from "#test/support/loopback.ts";

const { signal } = new AbortController();

describe("a server that does not answer", () => {
  it("is given up after the time, and one that hangs up is told as such", async (context) => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    const rude = createServer((socket) => socket.destroy());
    context.after(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
      rude.close();
    });
    for (const fake of [silent, rude]) {
      const port = await listen(fake);
      const address = `mysql://u:secret@127.0.0.1:${port}/shop`;
      const client = openSql({ name: "shop", address, timeoutMs: 300 });
      await assert.rejects(
        client.select({ text: "select 1", values: [] }, signal),
        (error: Error) =>
          /the database shop cannot be asked/.test(error.message) && !/secret/.test(error.message),
      );
    }
  });
});

/** A greeting of protocol 10 with a sign-in by password, and the answer that accepts it. */
const GREETING = Buffer.from(
  `490000000a${Buffer.from("8.0.0").toString("hex")}0001000000${"61".repeat(8)}0008a22102000800` +
    `15${"00".repeat(10)}${"62".repeat(12)}00${Buffer.from("mysql_native_password").toString("hex")}00`,
  "hex",
);
const SIGNED_IN = Buffer.from("0700000200000002000000", "hex");

describe("a server that signs us in and then falls silent", () => {
  it("is given up after the time, and whoever waits behind it waits no longer than they want", async (context) => {
    const sockets: Socket[] = [];
    const fake = createServer((socket) => {
      sockets.push(socket);
      socket.write(GREETING);
      socket.once("data", () => socket.write(SIGNED_IN));
    });
    context.after(() => {
      for (const socket of sockets) socket.destroy();
      fake.close();
    });
    const port = await listen(fake);
    const address = `mysql://u:secret@127.0.0.1:${port}/shop`;
    const client = openSql({ name: "shop", address, timeoutMs: 1_000 });
    const ask = (until: AbortSignal) => client.select({ text: "select 1", values: [] }, until);
    const hung = [ask(signal), ask(signal)].map((one) => assert.rejects(one, /took longer/));
    const leaving = new AbortController();
    const behind = assert.rejects(ask(leaving.signal), /left/);
    leaving.abort(new Error("left"));
    await Promise.all([...hung, behind, client.close()]);
  });
});

describe("an address of MySQL", () => {
  it("says how far the way is trusted", () => {
    assert.equal(mysqlOptions("mysql://u:p@127.0.0.1/shop").ssl, undefined);
    assert.equal(mysqlOptions("mysql://u:p@db/shop?ssl-mode=DISABLED").ssl, undefined);
    const { ssl, password, host, port } = mysqlOptions("mariadb://u:p%40%2F@db.example/shop");
    assert.ok(typeof ssl === "object");
    assert.deepEqual([ssl.rejectUnauthorized, ssl.verifyIdentity], [true, true]);
    assert.deepEqual([password, host, port], ["p@/", "db.example", 3306]);
  });

  for (const [what, [address, reason]] of Object.entries({
    "without a database": ["mysql://u:secret@db", /names no database/],
    "without a user": ["mysql://db/shop", /names no user/],
    "with an option of the driver": [
      "mysql://u:secret@db/shop?multipleStatements=true",
      /not known/,
    ],
    "with a mode that checks nothing": [
      "mysql://u:secret@db/shop?ssl-mode=REQUIRED",
      /VERIFY_IDENTITY/,
    ],
    "with a broken password": ["mysql://u:secret%@db/shop", /begins no character/],
    "with a file that is not there": [
      "mysql://u:secret@db/shop?ssl-ca=/none/secret",
      /cannot be read/,
    ],
    "that names an authority for nothing": [
      "mysql://u:p@db/shop?ssl-mode=DISABLED&ssl-ca=secret",
      /Leave one out/,
    ],
    "with a number for a name": ["mysql://u:secret@10.0.0.5/shop", /by a number/],
    "without a host": ["mysql:///secret", /cannot be read/],
  } as const))
    it(`${what} is refused, and nothing of it is quoted`, () => {
      assert.throws(
        () => mysqlOptions(address),
        (error: Error) => reason.test(error.message) && !/secret/.test(error.message),
      );
    });
});

describe("grants", () => {
  it("of a user that only reads are told from those that say more", () => {
    const CASES: readonly (readonly [string, string | null])[] = [
      ["GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*AB'", null],
      ["GRANT SELECT, SHOW VIEW ON `shop`.* TO `r`@`%`", null],
      ["GRANT SELECT (`a`, `b) ON `, `c``d`) ON `shop`.`t` TO `r`@`%`", null],
      ["GRANT SELECT, UPDATE (`a`) ON `shop`.`t` TO `r`@`%`", "do more than read (UPDATE)"],
      ["GRANT ALL PRIVILEGES ON *.* TO `r`@`%`", "do more than read (ALL PRIVILEGES)"],
      ["GRANT BACKUP_ADMIN ON *.* TO `r`@`%`", "do more than read (BACKUP_ADMIN)"],
      ["GRANT PROXY ON ''@'%' TO 'r'@'%'", "do more than read (PROXY)"],
      ["REVOKE SELECT ON `mysql`.* FROM `r`@`%`", null],
      ["GRANT `clerk`@`%` TO `r`@`%`", "take on another role"],
      ["GRANT SELECT ON", "take on another role"],
      ["", "take on another role"],
    ];
    for (const [line, more] of CASES) assert.equal(furtherRights([line]), more, line);
  });
});
