/** Addresses and receivers that would turn a webhook against the operator's own network: none gets anything. */
import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { webhookPort } from "#http/public-fetch.ts";
import { closed, listen } from "#test/support/loopback.ts";

/** Hosts that are addresses of no public server, in the forms that are known for passing filters. */
const OWN_HOSTS = [
  "127.1 2130706433 0x7f000001 0177.0.0.1 127.0.0.1. ①②⑦.⓪.⓪.① 127。0。0。1 0.1.2.3",
  "10.255.255.255 172.16.0.1 172.31.255.255 192.168.255.255 100.64.0.1 100.127.255.255",
  // Where clouds tell a machine or a container who it is and give it its credentials.
  "169.254.169.254 169.254.170.2 168.63.129.16 192.0.0.192",
  "192.0.2.1 198.51.100.1 203.0.113.1 198.18.0.1 198.19.255.255 192.88.99.1",
  "224.0.0.1 240.0.0.1 255.255.255.255",
  "[::1] [::127.0.0.1] [::ffff:10.0.0.1] [::ffff:0:127.0.0.1]",
  "[64:ff9b::a9fe:a9fe] [64:ff9b:1::a00:1] [2002:7f00:1::] [2001:0:7f00:1::]",
  "[2001:db8::1] [100::1] [fc00::1] [fdff::1] [fe80::1] [febf::1] [fec0::1] [ff02::1] [3fff::1] [5f00::1]",
].flatMap((hosts) => hosts.split(" "));

/** Addresses that no webhook may have, whatever they lead to. */
const NO_ADDRESSES = [
  "",
  " ",
  "receiver.test",
  "//receiver.test/hook",
  "https://",
  "https:///",
  "https://[::1",
  "https://a b/",
  "http://receiver.test/",
  "HTTP://receiver.test/",
  "http://93.184.216.34/",
  "http:receiver.test",
  "ftp://receiver.test/",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "data:text/plain,x",
  "ws://receiver.test/",
  "gopher://127.0.0.1:6379/_FLUSHALL",
  "unix:///var/run/docker.sock",
  "blob:https://receiver.test/1",
  "https://user@receiver.test/",
  "https://user:word@receiver.test/",
  "https://:word@receiver.test/",
  "https://receiver.test@127.0.0.1/",
  "https://receiver.test/#part",
  "http://localhost:PORT/",
  "http://127.0.0.1:PORT0/",
  "http://127.0.0.1.nip.test:PORT/",
  "https://127.0.0.1:PORT/hook",
];

/** What a name may lead to. */
const OWN_ANSWERS = ["127.0.0.1", "::ffff:127.0.0.1", "fd00:ec2::254", "not an address", ""];

const signal = new AbortController().signal;
const REQUEST = { headers: {}, body: "{}", timeoutMs: 3_000, signal };

describe("a webhook's address", () => {
  const seen = { connections: 0, port: 0 };
  const server = createTcpServer((socket) => {
    seen.connections += 1;
    socket.destroy();
  });
  before(async () => void (seen.port = await listen(server)));
  after(() => closed(server));

  const refusesAll = async (url: string): Promise<void> => {
    const port = webhookPort(["http://127.0.0.1:1"], async () => ({ address: "127.0.0.1" }));
    assert.notEqual(port.refusal(url), null, url);
    await assert.rejects(port.post(url, REQUEST), url);
  };

  for (const host of OWN_HOSTS)
    test(`is not ${host}, with any port and path`, async () => {
      await refusesAll(`https://${host}:${seen.port}/hook`);
      await refusesAll(`https://${host}/`);
    });

  for (const address of NO_ADDRESSES)
    test(`is not ${JSON.stringify(address)}`, () =>
      refusesAll(address.replace("PORT", String(seen.port))));

  for (const address of OWN_ANSWERS)
    test(`may be a name, and nothing is sent where it leads to ${JSON.stringify(address)}`, async () => {
      const asked: string[] = [];
      const port = webhookPort([], async (host) => {
        asked.push(host);
        return { address };
      });
      const url = `https://receiver.test:${seen.port}/hook`;
      assert.equal(port.refusal(url), null);
      await assert.rejects(port.post(url, REQUEST), /own network/);
      assert.deepEqual(asked, ["receiver.test"]);
    });

  test("reached nothing of all these", () => assert.equal(seen.connections, 0));

  test("is resolved once, and what was checked is what is connected to", async () => {
    const received: string[] = [];
    const receiver = createServer((request, response) => {
      received.push(String(request.headers.host));
      response.end();
    });
    const origin = `http://receiver.test:${await listen(receiver)}`;
    const answers = ["127.0.0.1", "10.0.0.1", "169.254.169.254"];
    const port = webhookPort([origin], async () => ({ address: answers.shift() ?? "10.0.0.2" }));
    assert.deepEqual(await port.post(`${origin}/hook`, REQUEST), { status: 200, beginning: "" });
    assert.deepEqual([received, answers.length], [[new URL(origin).host], 2]);
    await closed(receiver);
  });

  test("that is allowed allows neither another port nor another scheme", async () => {
    const origin = `http://127.0.0.1:${seen.port}`;
    const port = webhookPort([origin]);
    assert.equal(port.refusal(`${origin}/any/path?x=1`), null);
    for (const other of [`${origin}1`, `https://127.0.0.1:${seen.port}`, "http://127.0.0.1"])
      assert.notEqual(port.refusal(other), null, other);
  });

  test("whose name is never resolved is left after its time", async () => {
    const port = webhookPort([], () => new Promise(() => undefined));
    const late = { ...REQUEST, timeoutMs: 50 };
    await assert.rejects(port.post("https://receiver.test/", late), /timeout/i);
  });
});

/** Fifty megabytes in fifty kilobytes. */
const PACKED = gzipSync(Buffer.alloc(50_000_000));

/** What a hostile receiver may answer; none leads anywhere, holds the sender for long, or fills its memory. */
const ANSWERS: Readonly<Record<string, (response: ServerResponse, own: string) => void>> = {
  ...Object.fromEntries(
    [301, 302, 303, 307, 308].map((code) => [
      `a redirect with ${code}`,
      (response: ServerResponse, own: string) =>
        void response.writeHead(code, { location: own }).end(),
    ]),
  ),
  "a body that unpacks to a thousand times its size": (response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(PACKED);
  },
  "a body that never ends": (response) => {
    const more = (): void =>
      void (response.write("x".repeat(50_000)) ? setImmediate(more) : response.once("drain", more));
    response.writeHead(200);
    more();
  },
  "a body that drips": (response) => {
    response.writeHead(200);
    const drip = setInterval(() => void response.write("x"), 20);
    response.on("close", () => clearInterval(drip));
  },
  "a stated length that never comes": (response) =>
    void response.writeHead(200, { "content-length": "1000000" }).write("x"),
  "bytes that are no text": (response) => void response.end(Buffer.from([0xff, 0xfe, 0, 0xc3])),
  "a cookie": (response) => void response.writeHead(200, { "set-cookie": "a=b" }).end(),
};

describe("a receiver's answer", () => {
  for (const [name, answer] of Object.entries(ANSWERS))
    test(`may be ${name}, and leads nowhere`, async () => {
      const own = { hits: 0 };
      const target = createServer((_request, response) => {
        own.hits += 1;
        response.end();
      });
      const targetUrl = `http://127.0.0.1:${await listen(target)}/`;
      const hits = { count: 0 };
      const receiver = createServer((_request, response) => {
        hits.count += 1;
        answer(response, targetUrl);
      });
      const sockets: Socket[] = [];
      receiver.on("connection", (socket) => void sockets.push(socket));
      const origin = `http://127.0.0.1:${await listen(receiver)}`;
      const port = webhookPort([origin, new URL(targetUrl).origin]);
      try {
        const { status, beginning } = await port.post(origin, { ...REQUEST, timeoutMs: 2_000 });
        assert.ok(status === 200 || (status >= 301 && status <= 308));
        assert.ok(Buffer.byteLength(beginning) <= 4_000);
        assert.deepEqual([own.hits, hits.count], [0, 1]);
      } finally {
        await Promise.all([closed(receiver), closed(target)]);
      }
      // What the system holds between the two of them, and no more of it was read.
      for (const { bytesWritten } of sockets)
        assert.ok(bytesWritten < 20_000_000, `${bytesWritten}`);
    });

  for (const raw of [
    "",
    "HTTP/1.1 200\r",
    "garbage\r\n\r\n",
    `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(9_000)}\r\n`,
  ])
    test(`that is no HTTP (${JSON.stringify(raw.slice(0, 20))}) is a failure with a reason`, async () => {
      const server = createTcpServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.end(raw));
      });
      const origin = `http://127.0.0.1:${await listen(server)}`;
      await assert.rejects(webhookPort([origin]).post(origin, { ...REQUEST, timeoutMs: 600 }));
      await closed(server);
    });
});
