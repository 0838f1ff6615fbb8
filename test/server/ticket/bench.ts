/** A helpdesk at the wire that knows its agents and signs what opens our page, and the page as its agents use it. */
import { generateKeyPairSync, randomUUID, type KeyObject } from "node:crypto";
import { SignJWT, type JWTPayload } from "jose";
import { zendeskSidebar } from "#zendesk/sidebar.ts";
import type { TicketSidebar } from "#core/contracts/channel.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { listen } from "#test/support/http-front.ts";

const INSTALLATION = 4_711;

/** An agent as Zendesk's `users/show` gives them. */
export type AgentRow = Readonly<Record<string, unknown>> & { readonly id: number };

/** The identities of an agent, as Zendesk's "List identities" gives them: of one who has no others, the address alone. */
function identitiesIn({ id, email, verified }: AgentRow): readonly object[] {
  const own = { id: id + 9_000, user_id: id, type: "email", value: email, primary: true, verified };
  return email === null ? [] : [own];
}

export const AGENTS = {
  sam: agentRow(101, "Sam Ortiz", "Sam@ourshop.test"),
  lea: agentRow(102, "Lea Winter", "lea@ourshop.test"),
  dana: agentRow(103, "Dana Cole", "dana@ourshop.test"),
  ned: agentRow(104, "Ned", "ned@ourshop.test"),
} as const;

/** An active agent whose address is proven. */
export function agentRow(id: number, name: string, email: string | null): AgentRow {
  return { id, name, email, role: "agent", active: true, suspended: false, verified: true };
}

/** What is signed differently than Zendesk does. */
export interface Forged {
  readonly claims?: JWTPayload;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: KeyObject | Uint8Array;
}

/** The account: its address, its agents by id, and its app's keys. */
export interface TestAccount {
  readonly url: string;
  readonly agents: Map<number, AgentRow>;
  /** Of agents who have others than their address alone. */
  readonly identities: Map<number, readonly object[]>;
  readonly publicPem: string;
  readonly privateKey: KeyObject;
  /** How often it was asked who an agent is. */
  asked: number;
  /** While true it answers with 503. */
  away: boolean;
  /** What Zendesk signs for an agent, and what is made of it. */
  token(agent: Pick<AgentRow, "id">, forged?: Forged): Promise<string>;
  sidebar(): TicketSidebar;
  close(): Promise<void>;
}

/** The key of every account's app: making one takes as long as most tests. */
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const publicPem = publicKey.export({ type: "spki", format: "pem" }).toString();

/** Starts the account; `clock` says when it signs. */
export async function startAccount(clock: Clock): Promise<TestAccount> {
  const agents = new Map<number, AgentRow>(Object.values(AGENTS).map((row) => [row.id, row]));
  const identities = new Map<number, readonly object[]>();
  const state = { asked: 0, away: false };
  const server = await listen((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://account.test");
    const [, number, list] = /^\/api\/v2\/users\/(\d+)(\/identities)?$/.exec(pathname) ?? [];
    const id = Number(number);
    state.asked += 1;
    response.setHeader("content-type", "application/json");
    const user = agents.get(id);
    response.statusCode = state.away ? 503 : user === undefined ? 404 : 200;
    const meta = { has_more: false, after_cursor: null, before_cursor: null };
    const shown =
      user !== undefined && list !== undefined
        ? { identities: identities.get(id) ?? identitiesIn(user), meta }
        : { user };
    response.end(JSON.stringify(user === undefined ? { error: "RecordNotFound" } : shown));
  });
  const { url, close } = server;
  return {
    url,
    agents,
    identities,
    publicPem,
    privateKey,
    get asked() {
      return state.asked;
    },
    set asked(count) {
      state.asked = count;
    },
    get away() {
      return state.away;
    },
    set away(isAway) {
      state.away = isAway;
    },
    async token({ id }, { claims = {}, header = {}, key = privateKey } = {}) {
      const issued = Math.floor(clock.now().getTime() / 1_000);
      const payload: JWTPayload = {
        iss: new URL(url).host,
        aud: `${url}/api/v2/apps/installations/${INSTALLATION}.json`,
        sub: `${url}/api/v2/users/${id}.json`,
        jti: randomUUID(),
        iat: issued,
        exp: issued + 60,
        context: { product: "support", location: "ticket_sidebar", accountUrl: url },
        ...claims,
      };
      const kept = Object.entries(payload).filter(([, value]) => value !== undefined);
      return new SignJWT(Object.fromEntries(kept))
        .setProtectedHeader({ alg: "RS256", typ: "JWT", ...header })
        .sign(key);
    },
    sidebar: () =>
      zendeskSidebar({
        url,
        writerToken: async () => "token",
        clock,
        // No test waits for its turn at the account.
        callsPerMinute: 60_000,
        app: { installation: INSTALLATION, publicKey: publicPem },
      }),
    close,
  };
}

/** Opens the page with this form, as the frame in the helpdesk's page does. */
export function openWith(url: string, form: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(`${url}/zendesk/app?origin=x&app_guid=y`, {
    method: "POST",
    headers: { "sec-fetch-site": "cross-site" },
    body: new URLSearchParams({ ...form }),
  });
}

/** The secret in the page; empty where it has none. */
export function secretIn(page: string): string {
  return /data-session="([\w-]{43})"/.exec(page)?.[1] ?? "";
}

/** An open page: what its script asks. */
export interface OpenedPage {
  readonly secret: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

/** The page of an agent; beside a ticket where one is named. */
export async function opened(
  url: string,
  account: TestAccount,
  agent: Pick<AgentRow, "id">,
  ticket: string | null = null,
): Promise<OpenedPage> {
  const page = await openWith(url, { token: await account.token(agent) });
  const one = pageWith(url, secretIn(await page.text()));
  if (ticket !== null) await one.post("/ticket", { ticket });
  return one;
}

/** A page with this secret, made up or not. */
export function pageWith(url: string, secret: string): OpenedPage {
  const own = { authorization: `Bearer ${secret}`, "sec-fetch-site": "same-origin" };
  return {
    secret,
    get: (path, headers = {}) =>
      fetch(`${url}/zendesk/app${path}`, { headers: { ...own, ...headers } }),
    post: (path, body, headers = {}) =>
      fetch(`${url}/zendesk/app${path}`, {
        method: "POST",
        headers: { ...own, "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
  };
}
