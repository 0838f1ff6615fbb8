/** The assistant's server over HTTP on the bench of the job tests, with what a teammate's token and a caller need. */
import { text } from "node:stream/consumers";
import { request } from "node:http";
import { afterEach, beforeEach } from "node:test";
import { z } from "zod";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { Passage } from "#core/contracts/knowledge.ts";
import { digest } from "#core/values/canonical-json.ts";
import { sql } from "#store/db/drizzle.ts";
import { pageShelf } from "#app/knowledge.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { openPages } from "#knowledge/index.ts";
import { assistantRoutes } from "#server/mcp/routes.ts";
import { makeToken, type TokenScope, type TokenWish } from "#store/identity/access-tokens.ts";
import { onDesk } from "#test/jobs/bench.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { served } from "#test/server/served.ts";
import { silentLog } from "#test/store/bench.ts";
import { RULES } from "#test/chat/chat-server.ts";
import { openedBy } from "#test/support/opened.ts";
import { WRITTEN } from "#store/knowledge/page-notes.ts";

/** What came back of one request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** What a tool answered: its text, and whether it says that nothing came of it. */
interface Told {
  readonly text: string;
  readonly isError: boolean;
}

export interface AssistantBench {
  readonly url: string;
  /** How often it looked into the database. */
  readonly looked: { readonly count: number };
  /** What a search of the help pages finds. */
  readonly pages: Passage[];
  /** What the failures of calls left in the log. */
  readonly logged: string[];
  /** A token, of a teammate unless said otherwise. */
  token(more?: {
    readonly email?: string | null;
    readonly scopes?: readonly TokenScope[];
    readonly days?: number;
  }): Promise<string>;
  /** Sends a request as it is. */
  send(asked: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }): Promise<Answer>;
  /** Calls a tool with a token, in the revision without sessions. */
  call(token: string, name: string, given: object): Promise<Told>;
  close(): Promise<void>;
}

let made = 0;

const SCOPES: readonly TokenScope[] = ["assistant"];

/** Serves it; `origin` is the public address where it is not that of the listener, `guard` that of the bench unless given. */
export async function startAssistants(
  bench: JobBench,
  { origin, guard }: { readonly origin?: string; readonly guard?: InputGuard } = {},
): Promise<AssistantBench> {
  const logged: string[] = [];
  const line = (message: string, details: unknown): void =>
    void logged.push(`${message} ${JSON.stringify(details)}`);
  const log = { info: line, warn: line, error: line };
  const address = { url: "" };
  const pages: Passage[] = [];
  const { clock } = bench.parts;
  const looked = { count: 0 };
  const store: typeof bench.parts.store = Object.create(bench.parts.store, {
    run: {
      value: (...asked: Parameters<typeof store.run>) => {
        looked.count += 1;
        return bench.parts.store.run(...asked);
      },
    },
  });
  const knowledge = await openPages({
    store,
    log: silentLog,
    pages: [],
    embedder: null,
    sources: [WRITTEN],
    clock,
  });
  const parts = {
    ...bench.parts,
    store,
    log,
    pictures: null,
    get policy() {
      return bench.parts.policy;
    },
    get guard() {
      return guard ?? bench.parts.guard;
    },
  };
  const found = async (query: string | readonly string[]) =>
    String(query) === "nothing" ? [] : pages;
  const options = {
    parts,
    handler: deskHandler(bench.parts),
    pages: {
      ...pageShelf({ store, clock, knowledge, helpCenter: null }),
      knowledge: { search: found, explain: async () => [] },
    },
    customerTokens: RULES,
  };
  const routes = assistantRoutes(options, () => origin ?? address.url);
  const server = await served("/", routes);
  address.url = server.url;
  const send: AssistantBench["send"] = ({ method = "POST", path = "/mcp", headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const asked = request(`${server.url}${path}`, { method, headers }, (response) => {
        text(response).then(
          (words) =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text: words }),
          reject,
        );
      });
      asked.once("error", reject);
      asked.end(body);
    });
  return {
    url: server.url,
    looked,
    pages,
    logged,
    async token({ email = "sam@ourshop.test", scopes = SCOPES, days = 30 } = {}) {
      const wish: TokenWish = {
        id: `tok_${(made += 1)}`,
        label: "a token of the tests",
        holder: email === null ? null : { email, name: email.split("@")[0] ?? email },
        scopes,
        madeBy: "lea@ourshop.test",
        days,
      };
      return bench.at(makeToken, wish, bench.now());
    },
    send,
    async call(token, name, given) {
      const answer = await send({ headers: callHeaders(token, name), body: callBody(name, given) });
      return toldIn(answer);
    },
    async close() {
      await server.close();
      await knowledge.close();
    },
  };
}

/** A suite over it: it is served before each test, to `me` with a token. */
export function onAssistants(
  name: string,
  body: (bench: JobBench, assistants: AssistantBench, me: { token: string }) => void,
): void {
  onDesk(name, (bench) => {
    const now: { assistants?: AssistantBench } = {};
    const me = { token: "" };
    beforeEach(async () => {
      now.assistants = await startAssistants(bench);
      me.token = await now.assistants.token();
    });
    afterEach(() => now.assistants?.close());
    body(
      bench,
      openedBy(() => now.assistants),
      me,
    );
  });
}

const META = "io.modelcontextprotocol";

/** The headers of a call in the revision without sessions. */
export function callHeaders(token: string, name: string): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": name,
  };
}

export function callBody(name: string, given: object): string {
  const _meta = {
    [`${META}/protocolVersion`]: "2026-07-28",
    [`${META}/clientInfo`]: { name: "tests", version: "1" },
    [`${META}/clientCapabilities`]: {},
  };
  const params = { name, arguments: given, _meta };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
}

const Result = z.object({
  result: z.object({
    isError: z.boolean().default(false),
    content: z.array(z.object({ text: z.string() })),
  }),
});
const Failed = z.object({ error: z.object({ message: z.string() }) });

function toldIn({ status, text: words }: Answer): Told {
  const json: unknown = JSON.parse(words);
  const { data } = Result.safeParse(json);
  if (data === undefined)
    return {
      isError: true,
      text: `${status} ${Failed.safeParse(json).data?.error.message ?? words}`,
    };
  return {
    isError: data.result.isError,
    text: data.result.content.map((one) => one.text).join("\n"),
  };
}

/** All that a request could change and none may, as one mark. */
export async function stateDigest(bench: JobBench): Promise<string> {
  const rows = await bench.rows(
    z.object({ all: z.string() }),
    sql`select concat((select json_agg(a.* order by id) from approval a), (select json_agg(e.* order by key) from effect e),
      (select json_agg(n.* order by id) from case_note n), (select count(*) from message),
      (select count(*) from audit where kind <> 'refused')) as all`,
  );
  return digest(JSON.stringify([rows, bench.left, bench.replies()]));
}
