/** Mistakes at the mailbox, the shop, the model, the public address and the help pages. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openPages } from "#knowledge/index.ts";
import { readAgain } from "#knowledge/sources/read-source.ts";
import { insertSource } from "#knowledge/sources/source-rows.ts";
import { findProgram } from "#sandbox/process/index.ts";
import { silentLog } from "#test/store/bench.ts";
import { deadUrl } from "#test/support/http-front.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { type Rows, SUPPORT, TEST_KEY_OF_SHOP, withParts } from "./bench.ts";
import { helpCentre, MODEL, publicAddress, tlsFront } from "./servers.ts";

const MAIL = withParts(["email"], {
  "a wrong inbox password": {
    plant: () => ({ set: { IMAP_PASS: "typed wrong" } }),
    says: /email IMAP login: .*put user and password right/,
    mend: /check user and password/,
  },
  "IMAP off for the mailbox": {
    plant: ({ at }) => {
      at.mail.state.imapIsOff = true;
      return { mend: () => (at.mail.state.imapIsOff = false) };
    },
    says: /IMAP login: .*IMAP access is disabled/,
    mend: /lets programs in by this protocol/,
  },
  "a mail server's wrong port": {
    plant: () => ({ set: { IMAP_PORT: "1" } }),
    says: /IMAP login: 127\.0\.0\.1:1: /,
    mend: /check host and port/,
  },
  "a mailbox without a licence": {
    plant: ({ at }) => ({ mend: at.mail.withoutInbox() }),
    says: /email INBOX: /,
    mend: /the login is right, but not for a mailbox/,
  },
  "a name that is not in the server's certificate": {
    skip: findProgram("openssl") === undefined ? "there is no openssl on this machine" : false,
    plant: async ({ at }, context) => {
      const folder = temporaryFolder(context);
      const front = await tlsFront(at.mail.imap.port, "mail.provider.test", folder);
      context.after(front.close);
      const file = join(folder, "inboxes.yaml");
      const imap = `{ host: 127.0.0.1, port: ${front.port}, tls: implicit }`;
      const smtp = `{ host: 127.0.0.1, port: ${at.mail.smtp.port}, tls: none }`;
      writeFileSync(
        file,
        `inboxes:\n  - address: ${SUPPORT}\n    imap: ${imap}\n    smtp: ${smtp}\n    password: { env: INBOX_PASSWORD }\n`,
      );
      const one = Object.keys(at.variables.email).filter((name) => !name.startsWith("DESKHAND_"));
      return {
        set: {
          ...Object.fromEntries(one.map((name) => [name, undefined])),
          MAIL_INBOXES: file,
          INBOX_PASSWORD: "right",
        },
      };
    },
    says: /IMAP login: .*(?:altnames|does not match)/,
    mend: /use the name it was made for/,
  },
  "a sender that the mail server refuses": {
    plant: ({ at }) => {
      at.mail.state.refusesSender = "MAIL";
      return { mend: () => (at.mail.state.refusesSender = null) };
    },
    says: /SMTP sender: .*Sender address rejected: not owned by user/,
    mend: /let this user send as the inbox's address/,
  },
  "a teammate's own address for customers": {
    plant: () => ({ set: { SUPPORT_ADDRESS: "sam@ourshop.test" } }),
    says: /sam@ourshop\.test is a person of the policy/,
    mend: /name a mailbox of the company's/,
  },
});

const MODELS = withParts(["model"], {
  "a model's name with a typing error": {
    plant: () => ({ set: { DESKHAND_MODEL: "own-modell-2" } }),
    says: /model asked: .*`own-modell-2` does not exist/,
    mend: /correct DESKHAND_MODEL: did you mean own-model-2\?/,
  },
  "a model that refuses tools": {
    plant: () => ({ set: { DESKHAND_MODEL: MODEL.withoutTools } }),
    says: /does not support tools/,
    mend: /name another model in DESKHAND_MODEL/,
  },
  "a wrong key of the model": {
    plant: () => ({ set: { OPENAI_API_KEY: "typed-wrong" } }),
    says: /Incorrect API key/,
    mend: /check OPENAI_API_KEY/,
  },
  "a key without credit": {
    plant: ({ at }) => {
      at.model.state.hasCredit = false;
      return { mend: () => (at.model.state.hasCredit = true) };
    },
    says: /exceeded your current quota/,
    mend: /add credit to the account of OPENAI_API_KEY/,
  },
  "a base URL without /v1": {
    plant: ({ at }) => ({ set: { OPENAI_BASE_URL: at.model.url } }),
    says: /refuses \(404\)/,
    mend: /check OPENAI_BASE_URL: most servers want \/v1 at its end/,
  },
  "a model's server that is not there": {
    plant: async () => ({ set: { OPENAI_BASE_URL: `${await deadUrl()}/v1` } }),
    says: /the model cannot be reached/,
    mend: /check OPENAI_BASE_URL, and that its server runs/,
  },
});

const SHOP = withParts(["shop"], {
  "a shop's address with a path": {
    plant: ({ at }) => ({ set: { SHOP_URL: `${at.shopUrl}/de/welcome` } }),
    says: /shop key: it answers 404/,
    mend: /check SHOP_URL: .*no path of a page/,
  },
  "a wrong key of the shop": {
    plant: () => ({ set: { SHOP_KEY: "typed wrong" } }),
    says: /it refuses our key \(401\)/,
    mend: /check SHOP_KEY/,
  },
  "a key of the shop's test mode": {
    plant: () => ({ set: { SHOP_KEY: TEST_KEY_OF_SHOP } }),
    says: /takes a key of its test mode/,
    mend: /set SHOP_KEY to the live one/,
  },
});

const ADDRESSES: Rows = {
  "a public address that leads elsewhere": {
    parts: ["public"],
    plant: async (_bench, context) => {
      const other = await publicAddress("another installation");
      context.after(other.close);
      return { set: { DESKHAND_PUBLIC_URL: other.url } };
    },
    says: /is answered by something that is not this Deskhand/,
    mend: /check DESKHAND_PUBLIC_URL/,
  },
  "a public address without TLS": {
    parts: ["public"],
    plant: () => ({ set: { DESKHAND_PUBLIC_URL: "http://desk.ourshop.test" } }),
    says: /http:\/\/desk\.ourshop\.test is without TLS/,
    mend: /set DESKHAND_PUBLIC_URL to https/,
  },
  "a public address where nothing listens": {
    parts: ["public"],
    plant: async () => ({ set: { DESKHAND_PUBLIC_URL: await deadUrl() } }),
    says: /cannot be reached from this machine/,
    mend: /what the proxy before Deskhand passes on/,
  },
  "help pages behind a login": {
    plant: async ({ at }, context) => {
      const site = await helpCentre();
      context.after(site.close);
      const knowledge = await openPages({
        store: at.store,
        log: silentLog,
        pages: [],
        embedder: null,
      });
      context.after(() => knowledge.close());
      const reader = { store: at.store, clock: { now: () => new Date() }, knowledge };
      const source = { name: "help", kind: "site", location: `${site.url}/help/` } as const;
      const about = { is_local: true, by: "a test", at: new Date() };
      await at.store.run(insertSource, { ...source, ...about });
      site.state.isOpen = false;
      await assert.rejects(readAgain(reader, "help", false));
      const mend = (): Promise<void> => {
        site.state.isOpen = true;
        return readAgain(reader, "help", false);
      };
      return { mend };
    },
    says: /help pages help: .*it asks for a sign-in first, at \/account\/login/,
    mend: /open its address in a browser window without a sign-in/,
  },
};

export const SERVICE_ROWS: Rows = { ...MAIL, ...MODELS, ...SHOP, ...ADDRESSES };
