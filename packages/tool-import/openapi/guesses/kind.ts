/** What an operation does, from its method and the words of its names. Names of vendors' operations play no part. */
import type { Guess, OperationKind, OperationSummary } from "#importing/description.ts";
import { spelledWords, singularWords } from "#importing/openapi/words.ts";

type Named = Pick<OperationSummary, "method" | "path" | "operationId" | "summary">;

/** A POST whose path ends so only looks something up, and so does one whose name begins so. */
const READING = new Set([
  "calculate",
  "count",
  "estimate",
  "fetch",
  "filter",
  "find",
  "get",
  "list",
  "lookup",
  "match",
  "preview",
  "query",
  "recognise",
  "recognize",
  "retrieve",
  "search",
  "show",
  "simulate",
  "validate",
]);

/** The same at the beginning of a summary, where “return” would be a parcel's. */
const READING_SUMMARY =
  /^(?:search|quer(?:y|ies)|finds?\b|lists?\b|look(?:s| up)|fetch|retrieves?\b|calculate|estimate|preview|(?:gets?|returns?) (?:a |the )?(?:paginated )?list)/i;

/** Beside one of these a word for reading says only the half of it: `getOrCreateCustomer`. */
const CHANGING = new Set([
  "add",
  "cancel",
  "capture",
  "create",
  "delete",
  "insert",
  "pay",
  "refund",
  "remove",
  "replace",
  "save",
  "send",
  "set",
  "update",
  "upsert",
]);

/** A GET whose last word is one of these changes something, whatever its method promises. */
const DOING = new Set([
  "activate",
  "approve",
  "cancel",
  "delete",
  "disable",
  "logout",
  "remove",
  "revoke",
  "send",
  "unsubscribe",
  "void",
]);

const MONEY = new Set([
  "capture",
  "charge",
  "credit",
  "creditnote",
  "discount",
  "disbursement",
  "giftcard",
  "payment",
  "payout",
  "refund",
  "reimbursement",
  "topup",
  "transfer",
  "withdrawal",
]);

const ACCESS = new Set([
  "credential",
  "impersonate",
  "invitation",
  "invite",
  "login",
  "logout",
  "mfa",
  "otp",
  "passkey",
  "password",
  "permission",
  "recovery",
  "role",
  "session",
  "token",
  "totp",
  "verification",
]);

/** Records that are a user's access: who changes or deletes one decides who gets in. */
const ACCOUNT_RECORDS = new Set(["account", "identity", "login", "member", "user"]);

/** Guesses what an operation does. The lead is asked wherever `stated` is false. */
export function guessKind(named: Named): Guess<OperationKind> {
  const steps = fixedSteps(named.path);
  if (named.method === "GET") return kindOfGet(steps);
  const reads = readingSign(named, steps);
  if (reads !== null)
    return { value: "read", because: `It is a ${named.method}, but ${reads}.`, stated: false };
  return kindOfChange(named, steps);
}

function kindOfGet(steps: readonly string[]): Guess<OperationKind> {
  const last = singularWords(steps.at(-1) ?? "").at(-1) ?? "";
  if (DOING.has(last))
    return {
      value: "write",
      because: `It is a GET, but its path ends in “${last}”, which changes something.`,
      stated: false,
    };
  return { value: "read", because: "A GET only reads (RFC 9110, section 9.2.1).", stated: true };
}

/** The segments of a path that are words and not values. */
function fixedSteps(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "" && !segment.startsWith("{"));
}

/** Why a request other than GET only reads, as the end of a sentence; null when nothing says so. */
function readingSign(named: Named, steps: readonly string[]): string | null {
  const { method, path, operationId, summary } = named;
  if (method === "DELETE" || method === "PATCH") return null;
  const name = spelledWords(operationId ?? "");
  const last = path.endsWith("}") ? [] : spelledWords(steps.at(-1) ?? "");
  if ([...name, ...last].some((word) => CHANGING.has(word))) return null;
  const inPath = verbIn(last) ?? (/(?:^|\/)batch\/read$/.test(path) ? "batch/read" : null);
  if (inPath !== null) return `its path ends in “${inPath}”`;
  const inName = verbIn(name);
  if (inName !== null) return `its name has “${inName}”`;
  return method === "POST" ? signInSummary(summary) : null;
}

function signInSummary(summary: string): string | null {
  const begins = READING_SUMMARY.exec(summary)?.[0];
  return begins === undefined ? null : `its summary begins with “${begins}”`;
}

/** A verb comes first, or last where it can hardly be a thing: `shareList` is no look-up. */
function verbIn(words: readonly string[]): string | null {
  const [first = "", last = ""] = [words[0], words.at(-1)];
  if (READING.has(first)) return first;
  return /^(?:fetch|find|get|lookup|query|retrieve|search)$/.test(last) ? last : null;
}

function kindOfChange(named: Named, steps: readonly string[]): Guess<OperationKind> {
  const words = [...steps.slice(-2), named.operationId ?? ""].flatMap(singularWords);
  const access = words.find((word) => ACCESS.has(word));
  if (access !== undefined) return account(`its name has “${access}”`);
  const money = [...words, ...joinedPairs(words)].find((word) => MONEY.has(word));
  if (money !== undefined)
    return {
      value: "money",
      because: `It is a ${named.method} and its name has “${money}”.`,
      stated: false,
    };
  const [record = ""] = singularWords(steps.at(-1) ?? "").slice(-1);
  if (named.path.endsWith("}") && ACCOUNT_RECORDS.has(record))
    return account(`it changes a record of “${record}”`);
  if (named.method === "DELETE" && record === "customer") return account("it deletes a customer");
  const because = `A ${named.method} changes something, and its name says nothing of money or access.`;
  return { value: "write", because, stated: named.method !== "POST" };
}

function account(sign: string): Guess<OperationKind> {
  const because = `It gives, changes or ends a user's access: ${sign}.`;
  return { value: "account", because, stated: false };
}

/** “credit notes” as one word, as some names join it. */
function joinedPairs(words: readonly string[]): readonly string[] {
  return words.slice(1).map((word, at) => `${words[at] ?? ""}${word}`);
}
