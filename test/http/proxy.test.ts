/** Behind a company's proxy: what goes through it and what does not, for each way out of a process. */
import assert from "node:assert/strict";
import { promises } from "node:dns";
import { after, before, beforeEach, describe, test } from "node:test";
import { inspect } from "node:util";
import { z } from "zod";
import { modelEnd, openaiEmbeddings } from "#agent/model.ts";
import { Secret, systemSettings } from "#config/secret.ts";
import { createBreakers } from "#connections/circuit-breakers.ts";
import { secondOpinion } from "#app/current-checks.ts";
import { mailAccess } from "#connections/sign-ins.ts";
import { nothingUsed } from "#core/contracts/agent.ts";
import type { TokenVault } from "#core/contracts/ports.ts";
import { isUnsent } from "#core/connection/http-answer.ts";
import { inProcessAllowances } from "#core/connection/rate-limit.ts";
import { requestToken } from "#core/connection/oauth-token.ts";
import { shopFinding } from "#doctor/probes.ts";
import { connectImap } from "#email/inbox/imap-connection.ts";
import { submitMail } from "#email/outbound/deliver.ts";
import { openExit, socketDispatcher } from "#http/proxy.ts";
import { publicFetch } from "#http/public-fetch.ts";
import { slackCalls } from "#slack/api/web-api.ts";
import { socketTransport } from "#slack/transport/socket-mode.ts";
import { systemClient } from "#systems/http/client.ts";
import { zendeskClient } from "#zendesk/api/client.ts";
import { request } from "#test/systems/http/client-under-test.ts";
import { type ConnectProxy, connectProxy } from "#test/support/connect-proxy.ts";
import { openedBy } from "#test/support/opened.ts";
import {
  openOutside,
  opensslMissing,
  type Outside,
  PUBLIC_ADDRESS,
} from "#test/support/outside.ts";
import { until } from "#test/support/waiting.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { now: () => new Date() };
const never = new AbortController().signal;
const noToken = async () => assert.fail("a password needs no token");
const vault: TokenVault = { read: noToken, claim: noToken, put: noToken, release: noToken };
const MAIL = { raw: Buffer.from("Subject: x\r\n\r\nx"), returnPath: "a@b.test", to: "c@d.test" };
const timeouts = { imapSilenceMs: 5_000, connectMs: 5_000, smtpAnswerMs: 5_000 };

type Mailbox = Parameters<typeof mailAccess>[0][number];

/** What the start makes of one mailbox at these servers. */
function mailboxAt(imap: Mailbox["imap"], smtp: Mailbox["smtp"]) {
  const named = { address: "support@shop.test", aliases: [], name: undefined, brand: "" };
  const mailbox = { ...named, folder: "INBOX", plusAddressing: false, imap, smtp };
  return mailAccess([mailbox], { clock, log, vault });
}

/** Where the servers of a way out are: under names outside, or on this machine. */
interface Places {
  readonly https: string;
  readonly imap: { readonly host: string; readonly port: number };
  readonly smtp: { readonly host: string; readonly port: number };
}

const OUTSIDE: Places = {
  https: "https://vendor.outside.test",
  imap: { host: "imap.outside.test", port: 993 },
  smtp: { host: "smtp.outside.test", port: 465 },
};

describe("behind a proxy", { skip: opensslMissing }, () => {
  const held: { outside?: Outside; proxy?: ConnectProxy } = {};
  const outside = openedBy(() => held.outside);
  const proxy = openedBy(() => held.proxy);

  before(async () => {
    held.outside = await openOutside();
    held.proxy = await connectProxy();
    const { https, imap, smtp } = outside.ports;
    for (const [asked, port] of [
      ["443", https],
      ["993", imap],
      ["465", smtp],
    ] as const)
      proxy.ports.set(asked, port);
    await openExit(proxy.url, undefined);
  });
  beforeEach(() => {
    proxy.asked.splice(0);
    proxy.others.splice(0);
    proxy.refusal = null;
    outside.requests.splice(0);
    outside.answers.clear();
  });
  after(async () => {
    await outside.close();
    await proxy.close();
  });

  const here = (): Places => ({
    https: `https://localhost:${outside.ports.https}`,
    imap: { host: "localhost", port: outside.ports.imap },
    smtp: { host: "localhost", port: outside.ports.smtp },
  });

  const inbox = ({ imap, smtp }: Places) => {
    const signIn = { user: "support@shop.test", password: () => new Secret("a password") };
    const { inboxes, accounts } = mailboxAt(
      { ...imap, secure: true, ...signIn },
      { ...smtp, secure: true, ...signIn },
    );
    const [first] = inboxes;
    assert.ok(first);
    return { ...first, account: (kind: "IMAP" | "SMTP") => accounts.of(first.address, kind) };
  };

  const system = (places: Places) =>
    systemClient({
      connection: {
        name: "books",
        addressFrom: "BOOKS_URL",
        address: null,
        authentication: { kind: "none" },
        limits: { timeoutMs: 5_000, answerBytesMax: 100_000, perMinute: null },
      },
      settings: systemSettings({ BOOKS_URL: places.https }),
      breaker: createBreakers({ clock, log }).system("books"),
      allowances: inProcessAllowances(),
      clock,
      log,
    });

  const slackApi = ({ https }: Places) => ({ apiUrl: `${https}/api/`, log });

  /** Each way out, what it opens in the end, and the kind of server it reaches. */
  const WAYS: Readonly<
    Record<string, readonly [go: (places: Places) => Promise<unknown>, kind?: "imap" | "smtp"]>
  > = {
    "Slack's socket": [
      async (places) => {
        const url = `${places.https.replace("https", "wss")}/link`;
        outside.answers.set("/api/apps.connections.open", { ok: true, url });
        const dispatcher = socketDispatcher();
        const socket = { appToken: "xapp-1", dispatcher, ...slackApi(places) };
        const opened = await socketTransport(socket).open(
          async () => undefined,
          () => () => undefined,
        );
        await opened.close();
      },
    ],
    "fetch, as shops, storage and Graph use it": [({ https }) => fetch(https)],
    "the model": [
      async ({ https }) => {
        outside.answers.set("/v1/models", { data: [{ id: "m", shutdown_date: "2030-01-01" }] });
        const model = { apiKey: "k", baseUrl: `${https}/v1`, model: "m", timeoutMs: 5_000 };
        assert.equal((await modelEnd(model)).length, 1);
      },
    ],
    embeddings: [
      async ({ https }) => {
        outside.answers.set("/v1/embeddings", { data: [{ index: 0, embedding: [1] }] });
        const at = { apiKey: "k", baseUrl: `${https}/v1`, model: "m", timeoutMs: 5_000 };
        await openaiEmbeddings({ ...at, dimensions: null })(["a text"]);
      },
    ],
    "the guard's second opinion": [
      async ({ https }) => {
        outside.answers.set("/v1/moderations", { results: [{ flagged: false }] });
        const opinion = { url: `${https}/v1/moderations`, key: "k" };
        await secondOpinion(opinion).about({ message: "a text", others: [] }, nothingUsed(), never);
      },
    ],
    "Slack's Web API": [
      async (places) => {
        outside.answers.set("/api/auth.test", { ok: true });
        const call = slackCalls({ botToken: "xoxb-1", ...slackApi(places) });
        await call("patient", "auth.test", {}, z.object({}));
      },
    ],
    Zendesk: [
      async ({ https }) => {
        const calls = { timeoutMs: 5_000, callsPerMinute: 60, clock };
        const client = zendeskClient({ url: https, token: async () => "t", ...calls });
        await client.get(({ users }) => users.me(), z.object({}), never);
      },
    ],
    OAuth: [
      async ({ https }) => {
        const endpoint = { url: `${https}/token`, clientId: "c", clientSecret: "s", scope: null };
        await requestToken({ ...endpoint, credentialsIn: "body" }, null, { clock, signal: never });
      },
    ],
    "one of your own systems": [(places) => system(places).read(request(), never)],
    "a help page": [
      ({ https }) =>
        publicFetch(new URL(https), {
          headers: {},
          bytesMax: 1_000,
          timeoutMs: 5_000,
          isLocal: true,
          signal: never,
        }),
    ],
    doctor: [
      async ({ https }) => assert.doesNotMatch((await shopFinding(https, "k")).found, /fetch/),
    ],
    IMAP: [
      async (places) => {
        const { imap, account } = inbox(places);
        (await connectImap(imap, { timeouts, account: account("IMAP") })).close();
      },
      "imap",
    ],
    SMTP: [
      async (places) => {
        const { smtp, account } = inbox(places);
        await submitMail(smtp, MAIL, {
          timeouts,
          account: account("SMTP"),
          signal: never,
          beforeSending: async () => {
            throw new Error("far enough");
          },
        }).catch((error: unknown) => assert.match(String(error), /far enough/));
      },
      "smtp",
    ],
  };

  for (const [way, [go, kind]] of Object.entries(WAYS)) {
    // Each with a name of its own: an open way to a server is used again.
    const name = way.replaceAll(/\W/g, "").toLowerCase();
    const under = (host: string): Places => ({ ...OUTSIDE, https: `https://${host}.outside.test` });

    test(`${way} goes through it, by CONNECT alone`, async () => {
      await go(under(name));
      const place =
        kind === undefined
          ? `${name}.outside.test:443`
          : `${kind}.outside.test:${OUTSIDE[kind].port}`;
      assert.deepEqual([...new Set(proxy.asked)], [place]);
      assert.deepEqual(proxy.others, []);
    });

    test(`${way} on this machine goes past it`, async () => {
      await go(here());
      assert.deepEqual([...proxy.asked, ...proxy.others], []);
    });

    test(`${way} fails where the proxy refuses, and never goes past it`, async () => {
      proxy.refusal = 403;
      const error = await go(under(`${name}-refused`)).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      assert.doesNotMatch(inspect(error), /p(?:%40|@)ss/, "the proxy's password");
      assert.ok(proxy.asked.length > 0);
      assert.deepEqual(outside.requests, []);
    });
  }

  test("what a proxy refuses was never sent", async () => {
    proxy.refusal = 502;
    await assert.rejects(fetch("https://refused.outside.test"), isUnsent);
  });

  test("a mail that is given up while the proxy is asked leaves no connection behind", async () => {
    const { smtp, account } = inbox(OUTSIDE);
    const { promise: held, resolve: answer } = Promise.withResolvers<void>();
    proxy.held = held;
    const given = new AbortController();
    const sent = submitMail(smtp, MAIL, {
      timeouts,
      account: account("SMTP"),
      signal: given.signal,
      beforeSending: async () => assert.fail("nothing is announced"),
    });
    await until("the proxy to be asked", async () => proxy.asked.length === 1);
    given.abort();
    await assert.rejects(sent, /given up on waiting/);
    answer();
    await until("the way to be closed", async () => proxy.open("smtp.outside.test:465") === 0);
  });

  test("a help page that is not of the own network is asked for at the address that was checked", async (context) => {
    const options = {
      headers: {},
      bytesMax: 1_000,
      timeoutMs: 5_000,
      isLocal: false,
      signal: never,
    };
    await publicFetch(new URL(`https://${PUBLIC_ADDRESS}/help`), options);
    assert.deepEqual(proxy.asked, [`${PUBLIC_ADDRESS}:443`]);
    assert.equal(outside.requests[0]?.path, "/help");
    await assert.rejects(publicFetch(new URL("https://10.1.2.3/"), options), /own network/);
    assert.equal(proxy.asked.length, 1);
    const lookUp = context.mock.method(promises, "lookup", async () => ({
      address: PUBLIC_ADDRESS,
      family: 4,
    }));
    await publicFetch(new URL("https://help.outside.test/faq"), options);
    assert.deepEqual(proxy.asked.slice(1), [`${PUBLIC_ADDRESS}:443`]);
    assert.equal(outside.requests.at(-1)?.host, "help.outside.test");
    assert.equal(lookUp.mock.callCount(), 1);
  });

  test("a mail server without TLS stands in the same network and is reached directly", () => {
    const plain = {
      ...OUTSIDE.smtp,
      secure: false,
      plain: true,
      user: "u",
      password: () => new Secret("p"),
    };
    const { inboxes } = mailboxAt(plain, plain);
    assert.deepEqual([inboxes[0]?.imap.proxy, inboxes[0]?.smtp.proxy], [undefined, undefined]);
  });
});
