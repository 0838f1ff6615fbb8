/** The file of inboxes: what it gives, and what it says when something in it cannot be right. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { inspect } from "node:util";
import { DeskhandError } from "#core/values/errors.ts";
import { readConfig } from "#config/environment.ts";
import { ownMailNames, ownMailServerIn } from "#config/mail.ts";
import { REAL_ENVIRONMENT, SECRET } from "#test/support/real-parts.ts";

const folder = mkdtempSync(join(tmpdir(), "deskhand-inboxes-"));
after(() => rmSync(folder, { recursive: true }));

const file = join(folder, "inboxes.yaml");
const WITHOUT_MAIL = Object.fromEntries(
  Object.entries(REAL_ENVIRONMENT).filter(([name]) => !/^(?:IMAP|SMTP|SUPPORT)_/.test(name)),
);

function read(text: string, more: Readonly<Record<string, string>> = {}) {
  writeFileSync(file, text);
  return readConfig({ ...WITHOUT_MAIL, MAIL_INBOXES: file, PASSWORD: SECRET, ...more });
}

/** The problems, without the path of the file. */
function problemsOf(text: string, more: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    read(text, more);
  } catch (error) {
    assert.ok(error instanceof DeskhandError && error.code === "config.invalid");
    assert.ok(!error.message.includes(SECRET));
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.replace(/^ {2}- MAIL_INBOXES: /, "").replaceAll(`${file}:`, ""));
  }
  return [];
}

const GOOD = `inboxes:
  - address: support@shop.test
    aliases: [help@shop.test]
    imap: { host: imap.shop.test }
    smtp: { host: smtp.shop.test, port: 587 }
    password: { env: PASSWORD }
`;

describe("the file of inboxes", () => {
  test("names several inboxes, each with its own servers and sign-in, and makes mail real", () => {
    writeFileSync(join(folder, "token"), `${SECRET}\n`);
    const { inboxes, real } = read(`${GOOD}
  - address: orders@shop.test
    brand: outlet
    provider: google
    oauth: { client_id: c, client_secret: { env: PASSWORD }, refresh_token: { file: token } }
  - address: billing@shop.test
    provider: microsoft
    oauth: { tenant: shop.test, client_id: c, client_secret: { env: PASSWORD } }
`);
    assert.ok(real.email);
    const [support, orders, billing] = inboxes;
    assert.ok(support && orders && billing && "password" in support.imap);
    assert.deepEqual(
      inboxes.map(({ address, aliases, brand, imap, smtp }) => [
        address,
        aliases,
        brand,
        `${imap.host}:${imap.port} ${imap.secure} ${imap.user}`,
        `${smtp.host}:${smtp.port} ${smtp.secure} ${smtp.user}`,
      ]),
      [
        [
          "support@shop.test",
          ["help@shop.test"],
          "default",
          "imap.shop.test:993 true support@shop.test",
          "smtp.shop.test:587 false support@shop.test",
        ],
        [
          "orders@shop.test",
          [],
          "outlet",
          "imap.gmail.com:993 true orders@shop.test",
          "smtp.gmail.com:465 true orders@shop.test",
        ],
        [
          "billing@shop.test",
          [],
          "default",
          "outlook.office365.com:993 true billing@shop.test",
          "smtp.office365.com:587 false billing@shop.test",
        ],
      ],
    );
    assert.equal(support.imap.password().reveal(), SECRET);
    assert.ok("oauth" in orders.imap && "oauth" in billing.smtp);
    assert.equal(orders.imap.oauth.refreshToken?.().reveal(), SECRET);
    assert.equal(orders.imap.oauth.tokenUrl, "https://oauth2.googleapis.com/token");
    assert.deepEqual(
      [billing.smtp.oauth.tokenUrl, billing.smtp.oauth.scope, billing.smtp.oauth.refreshToken],
      [
        "https://login.microsoftonline.com/shop.test/oauth2/v2.0/token",
        "https://outlook.office365.com/.default",
        null,
      ],
    );
    assert.ok(!inspect(inboxes, { depth: 10, showHidden: true }).includes(SECRET));
  });

  test("sets no Reply-To of the form name+anything@ unless that is known to arrive", () => {
    const entry = (more: string): string => GOOD.replace("    imap:", `    ${more}\n    imap:`);
    const oauth = "oauth: { tenant: t, client_id: c, client_secret: { env: PASSWORD } }";
    const provided = `inboxes: [{ address: a@shop.test, provider: microsoft, ${oauth} }]`;
    for (const [text, expected] of [
      [GOOD, false],
      [entry("plus_addressing: true"), true],
      [provided, true],
      [provided.replace("provider", "plus_addressing: false, provider"), false],
    ] as const)
      assert.equal(read(text).inboxes[0]?.plusAddressing, expected, text);
    assert.equal(readConfig(REAL_ENVIRONMENT).inboxes[0]?.plusAddressing, false);
    const on = readConfig({ ...REAL_ENVIRONMENT, MAIL_PLUS_ADDRESSING: "on" });
    assert.equal(on.inboxes[0]?.plusAddressing, true);
  });

  test("the one inbox of the variables has its further addresses in a list", () => {
    const listed = readConfig({
      ...REAL_ENVIRONMENT,
      MAIL_ALIASES: " help@shop.test,sales@shop.test, ",
    });
    assert.deepEqual(listed.inboxes[0]?.aliases, ["help@shop.test", "sales@shop.test"]);
    assert.deepEqual(readConfig(REAL_ENVIRONMENT).inboxes[0]?.aliases, []);
    assert.deepEqual(ownMailNames({ ...REAL_ENVIRONMENT, MAIL_ALIASES: "help@shop.test" }), [
      REAL_ENVIRONMENT.SUPPORT_ADDRESS,
      "help@shop.test",
    ]);
    for (const wrong of ["help", "help@shop.test sales@shop.test", "a@shop.test;b@shop.test"])
      assert.throws(
        () => readConfig({ ...REAL_ENVIRONMENT, MAIL_ALIASES: wrong }),
        /MAIL_ALIASES.*commas between them/,
      );
    assert.deepEqual(problemsOf(GOOD, { MAIL_ALIASES: "help@shop.test" }), [
      "the file names every inbox, so MAIL_ALIASES must not be set beside it",
    ]);
  });

  test("sends by Graph with a token of its own where it says so, and only as an application at Microsoft", () => {
    const microsoft = (more: string): string =>
      `inboxes: [{ address: a@shop.test, provider: microsoft, ${more} }]`;
    const oauth = (more = ""): string =>
      `oauth: { tenant: shop.test, client_id: c, client_secret: { env: PASSWORD }${more} }`;
    const [inbox] = read(microsoft(`send_by: graph, ${oauth()}`)).inboxes;
    assert.equal(inbox?.graph?.user, "a@shop.test");
    assert.equal(inbox.graph.oauth.scope, "https://graph.microsoft.com/.default");
    assert.ok("oauth" in inbox.imap);
    assert.equal(inbox.imap.oauth.scope, "https://outlook.office365.com/.default");
    assert.equal(read(microsoft(oauth())).inboxes[0]?.graph, undefined);
    const problem =
      "1 inboxes[0].send_by: graph is for provider microsoft, with an application that signs in as itself";
    const refresh = oauth(", refresh_token: { env: PASSWORD }");
    assert.deepEqual(problemsOf(microsoft(`send_by: graph, ${refresh}`)), [problem]);
    assert.match(
      problemsOf(`${GOOD}    send_by: graph\n`).join(),
      /send_by: graph is for provider/,
    );
  });

  test("may give an inbox a name that customers see, and another folder to read", () => {
    const given = (more: string) => {
      const [inbox] = read(`${GOOD}    ${more}\n`).inboxes;
      return [inbox?.name, inbox?.folder];
    };
    assert.deepEqual(given("brand: outlet"), [undefined, "INBOX"]);
    assert.deepEqual(given('name: "Müller & Söhne"'), ["Müller & Söhne", "INBOX"]);
    for (const folder of ["\\All", "\\Archive", "Support/Open"])
      assert.deepEqual(given(`folder: ${folder}`), [undefined, folder]);
    assert.deepEqual(problemsOf(`${GOOD}    folder: \\Trash\n`), [
      "7 inboxes[0].folder: must be the name of a folder, \\All or \\Archive",
    ]);
    assert.deepEqual(problemsOf(`${GOOD}    folder: Sent\n`), [
      "7 inboxes[0].folder: must be another folder: Sent is read as your team's answers",
    ]);
    for (const name of ["Bank <bank@bank.test>", "bank@bank.test", '"a\\nBcc: b"'])
      assert.match(
        problemsOf(`${GOOD}    name: ${name}\n`).join(),
        /^7 inboxes\[0\]\.name: must be/,
      );
    const one = readConfig({ ...REAL_ENVIRONMENT, MAIL_FROM_NAME: "Acme Support" }).inboxes[0];
    assert.deepEqual([one?.name, one?.folder], ["Acme Support", "INBOX"]);
    assert.deepEqual(problemsOf(GOOD, { MAIL_FROM_NAME: "Acme" }), [
      "the file names every inbox, so MAIL_FROM_NAME must not be set beside it",
    ]);
  });

  test("makes our server a second witness only where every inbox is read from one host", () => {
    const own = (text: string, more: NodeJS.ProcessEnv = {}) => {
      writeFileSync(file, text);
      const given = { MAIL_AUTHSERV_ID: "mx.shop.test", MAIL_INBOXES: file, PASSWORD: SECRET };
      return ownMailServerIn({ ...WITHOUT_MAIL, ...given, ...more });
    };
    const second = (at: string): string =>
      GOOD.replace("inboxes:\n", "")
        .replace("support@", "sales@")
        .replace("help@", "buy@")
        .replace("imap.shop.test", at);
    const server = { authservId: "mx.shop.test", hops: 1, isSole: true, isWitness: false };
    assert.deepEqual(own(GOOD), server);
    for (const witness of ["on", "off"])
      assert.equal(own(GOOD, { MAIL_SECOND_WITNESS: witness })?.isWitness, witness === "on");
    assert.equal(own(`${GOOD}${second("IMAP.shop.test")}`)?.isSole, true);
    assert.equal(own(`${GOOD}${second("imap.other.test")}`)?.isSole, false);
  });

  test("needs nothing of the variables for one inbox, and refuses to stand beside them", () => {
    assert.deepEqual(problemsOf(GOOD, { MAIL_AUTHSERV_ID: "mx.shop.test" }), []);
    assert.deepEqual(problemsOf(GOOD, { IMAP_HOST: "x", SUPPORT_ADDRESS: "a@shop.test" }), [
      "the file names every inbox, so SUPPORT_ADDRESS, IMAP_HOST must not be set beside it",
    ]);
  });

  for (const [what, [from, to, problem]] of Object.entries({
    "a misspelt setting": ["aliases:", "alias:", "3 inboxes[0].alias: there is no such setting"],
    "a password that is written down": [
      "{ env: PASSWORD }",
      "hunter2",
      "6 inboxes[0].password: must be { env: NAME } or { file: PATH }; the secret itself is never written here",
    ],
    "a variable that is not set": [
      "PASSWORD",
      "NO_SUCH",
      "6 inboxes[0].password: the variable NO_SUCH is not set",
    ],
    "a file that is not there": [
      "env: PASSWORD",
      "file: nowhere",
      `6 inboxes[0].password: the secret's file ${join(folder, "nowhere")} is not there`,
    ],
    "no way to sign in": [
      "    password: { env: PASSWORD }\n",
      "",
      "2 inboxes[0]: needs either password or oauth, one of the two",
    ],
    "one address for two": [
      "[help@shop.test]",
      "[Support@shop.test]",
      "3 inboxes[0].aliases[0]: stands there twice; each address belongs to one inbox",
    ],
    "no server": [
      "    imap: { host: imap.shop.test }\n",
      "",
      "2 inboxes[0].imap: is missing, and no provider stands for it",
    ],
    "Microsoft with a password": [
      "aliases: [help@shop.test]",
      "provider: microsoft",
      "6 inboxes[0].password: Microsoft 365 takes no passwords for IMAP; use oauth",
    ],
    "secrets sent in the clear": [
      "password: { env: PASSWORD }",
      "oauth: { client_id: c, client_secret: { env: PASSWORD }, scope: s, token_url: 'http://idp.test/token' }",
      "6 inboxes[0].oauth.token_url: must be https, since secrets are sent there",
    ],
    "Google without a refresh token": [
      "password: { env: PASSWORD }",
      "provider: google\n    oauth: { client_id: c, client_secret: { env: PASSWORD } }",
      "7 inboxes[0].oauth.refresh_token: is missing; Google gives mailboxes no token without one",
    ],
  } as const))
    test(`with ${what} names line, entry, field and reason`, () => {
      assert.deepEqual(problemsOf(GOOD.replace(from, to)), [problem]);
    });
});
