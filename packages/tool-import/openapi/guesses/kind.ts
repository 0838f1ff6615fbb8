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
  if (onlyReads(named, steps)) return { value: "read", stated: false };
  const value = changeKind(named, steps);
  return { value, stated: value === "write" && named.method !== "POST" };
}

/** A GET only reads (RFC 9110, section 9.2.1), but for one whose path ends in a verb that changes something. */
function kindOfGet(steps: readonly string[]): Guess<OperationKind> {
  const last = singularWords(steps.at(-1) ?? "").at(-1) ?? "";
  return DOING.has(last) ? { value: "write", stated: false } : { value: "read", stated: true };
}

/** The segments of a path that are words and not values. */
function fixedSteps(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "" && !segment.startsWith("{"));
}

/** Whether path, name or summary say of a request other than GET that it only reads. */
function onlyReads(
  { method, path, operationId, summary }: Named,
  steps: readonly string[],
): boolean {
  if (method === "DELETE" || method === "PATCH") return false;
  const name = spelledWords(operationId ?? "");
  const last = path.endsWith("}") ? [] : spelledWords(steps.at(-1) ?? "");
  if ([...name, ...last].some((word) => CHANGING.has(word))) return false;
  return (
    hasReadingVerb(last) ||
    /(?:^|\/)batch\/read$/.test(path) ||
    hasReadingVerb(name) ||
    (method === "POST" && READING_SUMMARY.test(summary))
  );
}

/** A verb comes first, or last where it can hardly be a thing: `shareList` is no look-up. */
function hasReadingVerb(words: readonly string[]): boolean {
  const [first = "", last = ""] = [words[0], words.at(-1)];
  return READING.has(first) || /^(?:fetch|find|get|lookup|query|retrieve|search)$/.test(last);
}

function changeKind({ method, path, operationId }: Named, steps: readonly string[]): OperationKind {
  const words = [...steps.slice(-2), operationId ?? ""].flatMap(singularWords);
  if (words.some((word) => ACCESS.has(word))) return "account";
  if ([...words, ...joinedPairs(words)].some((word) => MONEY.has(word))) return "money";
  const [record = ""] = singularWords(steps.at(-1) ?? "").slice(-1);
  const isAccount =
    (path.endsWith("}") && ACCOUNT_RECORDS.has(record)) ||
    (method === "DELETE" && record === "customer");
  return isAccount ? "account" : "write";
}

/** “credit notes” as one word, as some names join it. */
function joinedPairs(words: readonly string[]): readonly string[] {
  return words.slice(1).map((word, at) => `${words[at] ?? ""}${word}`);
}
