/** The pages alone, over a real database, for what needs no running Deskhand behind it. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import type { z } from "zod";
import type { DeskDecision, DeskHandler } from "#core/contracts/approval-desk.ts";
import type { TicketSidebar } from "#core/contracts/channel.ts";
import type { Blobs, TeamSignIn } from "#core/contracts/ports.ts";
import type { PictureDescriber } from "#core/contracts/model.ts";
import { pageShelf } from "#app/knowledge.ts";
import { randomIds } from "#app/shared-clock.ts";
import { webhookPort } from "#http/public-fetch.ts";
import { mask } from "#guard/mask-secrets.ts";
import { openPages } from "#knowledge/index.ts";
import type { Page } from "#knowledge/pages.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import type {
  HealthReport,
  PageOptions,
  VendorStates,
  ListedTool,
  RehearsalDesk,
} from "#server/console/session.ts";
import type { PolicyPlace } from "#jobs/policy/own-change.ts";
import type { PublishingDesk } from "#jobs/procedures/shelf.ts";
import { pageRoutes } from "#server/page-routes.ts";
import { startPage } from "#sandbox/index.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { issuePass } from "#store/identity/sessions.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import type { SQL } from "#store/db/drizzle.ts";
import { WRITTEN } from "#store/knowledge/page-notes.ts";
import { sampleProcedures, worldOf } from "#test/procedures/world.ts";
import { sharedDatabase, silentLog } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { openedBy } from "#test/support/opened.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { stranger } from "#test/jobs/customers.ts";
import { served } from "./served.ts";

/** A card on which no decision arrives. */
export const BROKEN_CARD = "a_broken";

const POLICY = join(import.meta.dirname, "../../src/policy/files/sandbox.yaml");

const HEALTH: HealthReport = {
  ready: true,
  stopping: false,
  needs: {
    database: { state: "ok", required: true, since: "2026-03-02T09:00:00.000Z", reason: null },
  },
  figures: "Memory: 100 MB, ready after 1.0 s",
};

const VENDORS: VendorStates = { providers: { shop: "open" }, credentials: {}, connections: [] };

const TOOLS: readonly ListedTool[] = [
  {
    name: "issue_refund",
    kind: "write",
    operation: "refund",
    level: 2,
    from: "built in",
    parameters: { type: "object", properties: { order_id: {}, amount: {} } },
  },
];

const SECRET = "a secret of at least thirty-two characters";

export interface PagesBench {
  readonly url: string;
  readonly store: Store;
  readonly blobs: Blobs;
  rows<Row extends z.ZodType>(row: Row, query: SQL): Promise<readonly z.output<Row>[]>;
  execute(query: SQL): Promise<unknown>;
  /** What the pages asked the desk to decide. */
  readonly decided: readonly DeskDecision[];
  /** Forgets what was decided. */
  forget(): void;
  /** Moves the clock the pages go by. */
  pass(ms: number): void;
  /** A code as `deskhand console EMAIL` makes it. */
  code(email: string): Promise<string>;
  /** A session cookie, by way of a link. */
  session(email: string): Promise<string>;
  /** The markup of a page below `/console`, which answers with `status` and shows no value that is missing. */
  page(path: string, cookie: string, status?: number): Promise<string>;
  close(): Promise<void>;
}

/**
 * Serves the pages as in the sandbox, or (with `sandbox: false`) as where real customers could be reached; with `null`
 * as where every service is real, so that nothing of the sandbox is there.
 */
export async function startPages(options: {
  readonly sandbox: boolean | null;
  readonly teamSignIn?: TeamSignIn;
  /** A model that sees; without it, none does. */
  readonly pictures?: PictureDescriber;
  /** Where people reach the pages; where they are served without it. */
  readonly publicUrl?: string;
  /** Whose data of the shop somebody opens; nobody's without it. */
  readonly bind?: JobContext["bind"];
  /** The policy file; without it, the sandbox's own. */
  readonly policyPlace?: PolicyPlace;
  /** What a lead may rehearse; without it, nothing. */
  readonly rehearsals?: RehearsalDesk;
  /** Plays tests of procedures; without it, none can be played. */
  readonly play?: PublishingDesk["play"];
  /** Help pages that are there from the start, as files; they are searched by words alone. */
  readonly helpPages?: readonly Page[];
  /** How vendors stand; without it, the shop is away and nothing is kept open. */
  readonly vendors?: () => Partial<VendorStates>;
  /** A store that the caller opened and closes; without it, one with nothing in it. */
  readonly store?: Store;
  /** How a helpdesk shows the card beside its tickets; without it, none does. */
  readonly sidebar?: TicketSidebar;
  /** Jobs that decide; without them, what is decided is only kept. */
  readonly jobs?: Pick<PageOptions["parts"], "clock" | "policy"> & {
    readonly handler: DeskHandler;
  };
}): Promise<PagesBench> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-pages-"));
  const own = options.store === undefined ? await sharedDatabase(MAIN_DATABASE) : null;
  const store = options.store ?? own?.opened.store;
  if (store === undefined) throw new Error("there is no database");
  const blobs = diskBlobs(join(folder, "blobs"));
  const time = { now: Date.parse("2026-03-02T10:00:00Z") };
  const now = (): Date => options.jobs?.clock.now() ?? new Date(time.now);
  const address = { url: "" };
  const knowledge = await openPages({
    store,
    log: silentLog,
    pages: options.helpPages ?? [],
    embedder: null,
    sources: [WRITTEN],
    clock: { now },
  });
  const decided: DeskDecision[] = [];
  const parts = {
    store,
    blobs,
    clock: { now },
    log: silentLog,
    ids: randomIds,
    policy: options.jobs?.policy ?? loadPolicy(readFileSync(POLICY, "utf8"), "sandbox.yaml"),
    channels: new Map(),
    pseudonym: async () => "a pseudonym",
    guard: { mask },
    bind: options.bind ?? (async () => stranger({ reason: "the shop knows nobody" })),
    pictures: options.pictures ?? null,
    agent: { modelName: "rehearsal", isRehearsal: true },
    cardLink: (id: string) => `${options.publicUrl ?? address.url}/console#${id}`,
  };
  const pages = pageRoutes({
    parts,
    handler: options.jobs?.handler ?? {
      async decide(decision) {
        if (decision.approvalId === BROKEN_CARD) throw new Error("the shop is away");
        decided.push(decision);
        return { accepted: true, message: "Recorded.", fieldErrors: {} };
      },
      check: async () => ({ accepted: true, message: "", fieldErrors: {} }),
      cardGone: async () => undefined,
      editForm: async () => ({ accepted: false, message: "no such card", fieldErrors: {} }),
      explain: async () => null,
      command: async () => ({ sections: [] }),
      overview: async () => null,
    },
    health: async () => HEALTH,
    vendors: () => ({ ...VENDORS, ...options.vendors?.() }),
    webhookRefusal: (url) => webhookPort().refusal(url),
    policyPlace: options.policyPlace ?? {
      source: { kind: "built-in", name: POLICY },
      text: () => readFileSync(POLICY, "utf8"),
      isWritten: () => false,
      requireRules: () => undefined,
    },
    procedures: {
      folder: "procedures",
      files: sampleProcedures,
      world: async () => worldOf(),
      desk: {
        store,
        clock: { now },
        ids: randomIds,
        source: "file",
        play: options.play ?? noTests,
        model: "rehearsal",
      },
    },
    pages: pageShelf({ store, clock: { now }, knowledge, helpCenter: null }),
    tools: () => TOOLS,
    rehearsals: options.rehearsals ?? {
      source: null,
      progress: () => "",
      start: () => undefined,
    },
    personal: {
      blobs,
      ids: randomIds,
      secret: SECRET,
      listFile: join(folder, "erasures.jsonl"),
      spansFile: null,
      keep: { contentDays: 90, auditMonths: 24 },
    },
    vectors: null,
    teamSignIn: options.teamSignIn ?? null,
    sidebar: options.sidebar ?? null,
    startPage:
      options.sandbox === null
        ? null
        : await startPage({
            parts,
            identityKeys: SECRET,
            endpoints: () => null,
            mail: () => null,
            showsParts: true,
            onlySamples: options.sandbox,
            signsIn: options.sandbox,
          }),
  });
  const listening = await served("/", pages);
  address.url = listening.url;
  const code = (email: string): Promise<string> =>
    store.run(issuePass, "code", { email, name: "Somebody" }, now());
  return {
    url: listening.url,
    store,
    blobs,
    rows: (row, query) => rowsOf(store, row, query),
    execute: (query) => store.run((transaction) => transaction.execute(query)),
    decided,
    forget: () => void decided.splice(0),
    pass: (ms) => {
      time.now += ms;
    },
    code,
    async session(email) {
      const entered = await enter(listening.url, await code(email));
      return (entered.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    },
    async page(path, cookie, status = 200) {
      const answer = await fetch(`${listening.url}/console${path}`, { headers: { cookie } });
      const text = await answer.text();
      assert.equal(answer.status, status, `${path}: ${text.slice(0, 200)}`);
      assert.doesNotMatch(text, /undefined|\[object/);
      return text;
    },
    async close() {
      await listening.close();
      await knowledge.close();
      await own?.opened.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The pages of a suite, with the cookies of a lead and of a teammate who is none. */
type SuitePages = PagesBench & Readonly<Record<"lea" | "sam", string>>;

/** The same for the tests of a suite: it opens before the first of them and closes after the last. */
export function suitePages(options: Parameters<typeof startPages>[0]): SuitePages {
  const opened: { pages?: SuitePages } = {};
  before(async () => {
    const pages = await startPages(options);
    const cookie = (name: string): Promise<string> => pages.session(`${name}@ourshop.test`);
    opened.pages = { ...pages, lea: await cookie("lea"), sam: await cookie("sam") };
  });
  after(() => opened.pages?.close());
  return openedBy(() => opened.pages);
}

/** Presses the button of the page a link opens. */
export function enter(url: string, code: string): Promise<Response> {
  return post(`${url}/console/enter`, { code });
}

/** A POST as one of our own pages sends it, of a form or of JSON; headers given replace what it would send. */
export function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const isForm = body instanceof URLSearchParams;
  return fetch(url, {
    method: "POST",
    headers: {
      ...(isForm ? {} : { "content-type": "application/json" }),
      "sec-fetch-site": "same-origin",
      ...headers,
    },
    body: isForm ? body : JSON.stringify(body),
  });
}

/** The status of a POST, with `node:http`, because `fetch` sends neither a Host nor a Sec-Fetch-Site of one's own. */
export function postStatus(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end(headers["content-type"] === undefined ? "" : "{}");
  });
}

async function noTests(): Promise<never> {
  throw new Error("no test of a procedure is played here");
}
