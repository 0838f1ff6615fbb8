/** The API over real HTTP, with the real jobs, decisions and help pages behind it. */
import { chat } from "#adapters/chat/index.ts";
import { pageShelf } from "#app/knowledge.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { openPages } from "#knowledge/index.ts";
import { apiRoutes } from "#server/api/routes.ts";
import { writeLine } from "#store/chat/chat-state.ts";
import { makeToken, type TokenScope } from "#store/identity/access-tokens.ts";
import { WRITTEN } from "#store/knowledge/page-notes.ts";
import { RULES, SECRET } from "#test/chat/chat-server.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { served } from "#test/server/served.ts";
import { silentLog } from "#test/store/bench.ts";
import { SignJWT } from "jose";
import { z } from "zod";

/** Everything that a token may be good for. */
export const EVERY_SCOPE = [
  "cases:read",
  "cards:decide",
  "messages:write",
  "knowledge:write",
  "reports:read",
] as const satisfies readonly TokenScope[];

const Described = z.looseObject({
  components: z.looseObject({
    responses: z.strictObject({
      Refusal: z.looseObject({
        description: z.string(),
        content: z.record(
          z.string(),
          z.strictObject({ schema: z.looseObject({ required: z.array(z.string()) }) }),
        ),
      }),
    }),
  }),
});

/** The statuses whose meaning a description of an interface says. */
export function describedRefusals(document: object): ReadonlySet<number> {
  const { Refusal } = Described.parse(document).components.responses;
  const lines = Refusal.description.matchAll(/^- (\d{3}): \w/gm);
  return new Set([...lines].map(([, status]) => Number(status)));
}

/** An answer of the API, with its body as it was sent. */
interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body in this shape; throws for another one. */
  as<Shape extends z.ZodType>(shape: Shape): z.output<Shape>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The API of a desk. */
export interface ApiBench {
  readonly url: string;
  /** A token of this address, or with null of a machine. */
  token(email: string | null, scopes?: readonly TokenScope[], label?: string): Promise<string>;
  get(path: string, token: string, headers?: Headers_): Promise<ApiAnswer>;
  post(path: string, token: string, body: unknown, headers?: Headers_): Promise<ApiAnswer>;
  close(): Promise<void>;
}
type Headers_ = Readonly<Record<string, string>>;

/** Serves it until it is closed. */
export async function serveApi(
  bench: JobBench,
  given: { readonly requestsPerMinute?: number } = {},
): Promise<ApiBench> {
  const { store, clock } = bench.parts;
  bench.connect(
    chat({
      transcript: {
        write: ({ key, conversation, text }) =>
          store.run(writeLine, { key, conversationId: conversation, text, at: clock.now() }),
        has: async () => false,
      },
    }),
  );
  const knowledge = await openPages({
    store,
    log: silentLog,
    pages: [],
    embedder: null,
    sources: [WRITTEN],
    clock,
  });
  const routes = apiRoutes({
    parts: { ...bench.parts, guard: bench.parts.guard, policy: bench.parts.policy, pictures: null },
    handler: deskHandler(bench.parts),
    pages: pageShelf({ store, clock, knowledge, helpCenter: null }),
    customerTokens: RULES,
    requestsPerMinute: 100_000,
    ...given,
  });
  const listening = await served("/api/v1", routes);
  const url = `${listening.url}/api/v1`;
  let made = 0;
  const sent = async (path: string, init: RequestInit): Promise<ApiAnswer> => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    const body: Record<string, unknown> = text.startsWith("{") ? JSON.parse(text) : {};
    const { status, headers } = response;
    return { status, headers, text, body, as: (shape) => shape.parse(body) };
  };
  return {
    url,
    token: (email, scopes = EVERY_SCOPE, label = "a script") =>
      store.run(
        makeToken,
        {
          id: `tok_${(made += 1)}`,
          holder: email === null ? null : { email, name: email.split("@")[0] ?? email },
          label,
          scopes,
          madeBy: "lea@ourshop.test",
          days: 30,
        },
        clock.now(),
      ),
    get: (path, token, headers = {}) =>
      sent(path, { headers: { authorization: `Bearer ${token}`, ...headers } }),
    post: (path, token, body, headers = {}) =>
      sent(path, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "idempotency-key": `key-${(made += 1)}`,
          ...headers,
        },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    async close() {
      await listening.close();
      await knowledge.close();
    },
  };
}

/** What the shop signs for a customer of its own; `more` makes it another one than the API takes. */
export function customerToken(
  now: Date,
  subject: string,
  more: { readonly secret?: string; readonly seconds?: number; readonly alg?: string } = {},
): Promise<string> {
  const { secret = SECRET, seconds = 300, alg = "HS256" } = more;
  return new SignJWT({})
    .setProtectedHeader({ alg })
    .setSubject(subject)
    .setExpirationTime(Math.floor(now.getTime() / 1_000) + seconds)
    .sign(new TextEncoder().encode(secret));
}
