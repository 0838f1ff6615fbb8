/** What hostile requests are sent to: a desk with a card, cases, a customer's conversation and a help page. */
import assert from "node:assert/strict";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import { customerToken, serveApi } from "./bench.ts";

export const SAM = "sam@ourshop.test";
export const LEA = "lea@ourshop.test";

/** What they all would like to do. */
export const APPROVE = { version: 1, button: "approve" };

/** One hostile request, and what it may be answered with. */
export interface Attack {
  readonly kind: string;
  readonly path: string;
  readonly method?: string;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  /** Statuses that mean it failed. */
  readonly fails: readonly number[];
}

/** Attacks of one kind with one token, of which each has to fail with one of these statuses. */
export function attackBy(kind: string, token: string | null, ...fails: readonly number[]) {
  return (path: string, body?: unknown, headers: Attack["headers"] = {}): Attack => ({
    kind,
    path,
    token,
    headers,
    body,
    fails,
  });
}

/** A desk with a card, a case with people, a customer's own conversation, and a help page. */
export async function attackedDesk(bench: JobBench) {
  const api = await serveApi(bench);
  bench.answer(() => replying("", { ending: escalating("no page says it") }));
  const handed = await bench.write("Where is my purple kettle?", { thread: "t9" });
  const refund = refundOf(30_000, { needs: { count: 1, leads: 0 } });
  bench.answer(() => replying("We refund it.", { actions: [refund] }));
  const id = await bench.write("Please refund the turquoise teapot, order 789");
  const card = await bench.pending(id);
  assert.ok(card);
  const owner = await api.token(null, ["messages:write"], "shop app");
  const ann = { token: await customerToken(bench.now(), "u123") };
  const begun = await api.post("/conversations", owner, {
    message: "Where is my purple kettle?",
    customer: ann,
  });
  assert.equal(begun.status, 202, begun.text);
  const page = { title: "Refunds", body: "Five days." };
  const written = await api.post("/knowledge/pages", await api.token(LEA), page);
  return {
    bench,
    api,
    id,
    handed,
    card: card.id,
    owner,
    chat: String(begun.body["id"]),
    chatCase: String(begun.body["caseId"]),
    slug: String(written.body["slug"]),
    sam: await api.token(SAM),
    lea: await api.token(LEA),
  };
}
/** What is attacked. */
export type Target = Awaited<ReturnType<typeof attackedDesk>>;
