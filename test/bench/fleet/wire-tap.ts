/**
 * Listens to one process's talk with PostgreSQL (frontend/backend protocol 3.0) and says which transactions it ran, with
 * their statements and times. Nothing of the product is changed for it, and nothing else on the server is counted.
 */
import { startTcpProxy } from "#test/support/loopback.ts";
import { wireMessages } from "#test/support/recorded-postgres.ts";

/** One committed transaction, as the process that ran it waited for it. Times are those of `performance.now()`. */
export interface Transaction {
  readonly from: number;
  readonly to: number;
  /** The texts in order, `begin` and `commit` among them. */
  readonly statements: readonly string[];
}

export interface WireTap {
  /** The database's address, through this tap. */
  readonly url: string;
  /** What committed since the last call; begins anew. */
  take(): readonly Transaction[];
  close(): Promise<void>;
}

/** Puts a tap in front of this database. */
export async function tapPostgres(databaseUrl: string): Promise<WireTap> {
  const transactions: Transaction[] = [];
  const proxy = await startTcpProxy(databaseUrl, () =>
    listen((transaction) => transactions.push(transaction)),
  );
  return {
    url: proxy.url(databaseUrl),
    take: () => transactions.splice(0),
    close: () => proxy.close(),
  };
}

/** What the client sends up to one Sync, which the server answers with one ReadyForQuery. */
interface Request {
  from: number | null;
  readonly texts: string[];
}

/** Follows one connection in both directions. */
function listen(committed: (transaction: Transaction) => void) {
  const prepared = new Map<string, string>();
  const requests: Request[] = [];
  let open: Request = { from: null, texts: [] };
  let bound = "";
  let running: { readonly from: number; readonly statements: string[] } | null = null;
  let undone = false;

  const sent = wireMessages(true, (type, body) => {
    open.from ??= performance.now();
    if (type === "P") prepared.set(textAt(body, 0), textAt(body, body.indexOf(0) + 1));
    else if (type === "B") bound = prepared.get(textAt(body, body.indexOf(0) + 1)) ?? "";
    else if (type === "E") open.texts.push(bound);
    else if (type === "Q") open.texts.push(textAt(body, 0));
    if (type === "S" || type === "Q") {
      requests.push(open);
      open = { from: null, texts: [] };
    }
  });

  const answered = wireMessages(false, (type, body) => {
    const [request] = requests;
    // Before the first request the server also says that it is ready, once the client has signed in.
    if (request === undefined) return;
    running ??= { from: request.from ?? performance.now(), statements: [] };
    if (type === "C" || type === "E") {
      // Several statements sent as one text keep it until the server is ready again.
      const text = request.texts.length > 1 ? request.texts.shift() : request.texts[0];
      running.statements.push(text ?? "");
      undone = type === "E" || textAt(body, 0) === "ROLLBACK";
    } else if (type === "Z") {
      requests.shift();
      if (String.fromCodePoint(body[0] ?? 0) !== "I") return;
      if (!undone && running.statements.length > 0)
        committed({ ...running, to: performance.now() });
      running = null;
      undone = false;
    }
  });
  return { sent, answered };
}

/** A text that ends with a zero byte. */
function textAt(body: Buffer, from: number): string {
  return body.toString("utf8", from, body.indexOf(0, from));
}

/**
 * The most of these transactions of which each began after the one before had ended: how many commits a customer waits for
 * one after the other.
 */
export function longestChain(transactions: readonly Transaction[]): number {
  let length = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { from, to } of transactions.toSorted((one, other) => one.to - other.to))
    if (from >= end) {
      length += 1;
      end = to;
    }
  return length;
}
