/** Small checks of the database, the queue, the shop and the model, one call each. */
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import type { Finding } from "#core/connection/diagnosis.ts";
import { rowsOf, type Store } from "#store/db/database.ts";

const TIMEOUT_MS = 8_000;

/** Turns the result of a check into a finding; a thrown error becomes a problem with its reason. */
async function probe(
  place: Pick<Finding, "part" | "check">,
  remedy: string,
  look: () => Promise<Finding | string>,
): Promise<Finding> {
  try {
    const found = await look();
    return typeof found === "string" ? { ...place, state: "ok", found, remedy: null } : found;
  } catch (error) {
    return { ...place, state: "problem", found: reasonOf(error), remedy };
  }
}

/**
 * The embedded database is for trying things out: with a real part connected it is a problem, once anything may be sent.
 * While every channel only shadows, the loss of a draft costs nothing, so there it is a warning.
 */
export function databaseFinding(
  store: Store,
  { isReal, onlyShadows }: { readonly isReal: boolean; readonly onlyShadows: boolean },
): Promise<Finding> {
  const place = { part: "database", check: "connection" };
  return probe(place, "check DATABASE_URL", async () => {
    const row = z.object({ version: z.string() });
    const [found] = await store.run((transaction) =>
      rowsOf(transaction, row, sql`select version() as version`),
    );
    const version = found?.version.split(" ").slice(0, 2).join(" ") ?? "";
    if (store.kind === "postgres") return version;
    const words = `the embedded one (${version}), for one process and without a server's care`;
    if (!isReal) return words;
    const remedy = "set DATABASE_URL to a PostgreSQL; a backup takes what is there along";
    return onlyShadows
      ? {
          ...place,
          state: "warning",
          found: `${words}; enough while every channel only shadows`,
          remedy: `before the first answer is sent, ${remedy}`,
        }
      : { ...place, state: "problem", found: words, remedy };
  });
}

/** `ping` of the queue; null where no Redis is configured and none runs here. */
export function queueFinding(ping: (() => Promise<void>) | null): Promise<Finding> {
  return probe({ part: "queue", check: "Redis" }, "check REDIS_URL", async () => {
    if (ping === null) return "the embedded one, which comes up with the start";
    await ping();
    return "answers, and is set not to evict";
  });
}

/** Asks for an order that no customer has: "not found" means that the shop takes the key. */
export function shopFinding(url: string, key: string): Promise<Finding> {
  const place = { part: "shop", check: "key" };
  return probe(place, "check SHOP_URL and SHOP_KEY", async () => {
    const { status } = await call(`${url.replace(/(?<!\/)\/+$/, "")}/orders/0`, key, "GET");
    if (status !== 200 && status !== 404) throw new Error(`it answers ${status}`);
    return `${url} takes our key`;
  });
}

/** Asks for the list of models, which costs nothing. Without a key the rehearsal rules answer. */
export function modelFinding({
  key,
  url = "https://api.openai.com/v1",
  model,
  isReal,
}: {
  readonly key: string | undefined;
  readonly url?: string | undefined;
  readonly model: string;
  /** False in the sandbox, for which the rehearsal rules were made. */
  readonly isReal: boolean;
}): Promise<Finding> {
  const place = { part: "model", check: "key" };
  return probe(place, "check OPENAI_API_KEY and OPENAI_BASE_URL", async () => {
    if (key === undefined) {
      const found = "the built-in rehearsal rules, which are no AI";
      return isReal
        ? {
            ...place,
            state: "warning",
            found: `${found}; without a model every channel only shadows`,
            remedy: "set OPENAI_API_KEY",
          }
        : { ...place, state: "ok", found, remedy: null };
    }
    const { status } = await call(`${url.replace(/(?<!\/)\/+$/, "")}/models`, key, "GET");
    if (status === 401 || status === 403) throw new Error(`the key is refused (${status})`);
    if (status !== 200)
      return { ...place, state: "unknown", found: `it answers ${status}`, remedy: null };
    return `${url} takes our key; turns use ${model}`;
  });
}

function call(address: string, token: string, method: "GET" | "POST"): Promise<Response> {
  return fetch(address, {
    method,
    headers: { authorization: `Bearer ${token}` },
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}
