/**
 * What the validating proxy lets pass, because the document's schemas hardly say what has to be there: a query parameter
 * that no operation has, an answer without what the vendor's own example of it holds, a page without its cursor, and the
 * bodies that only the document's text describes.
 */
import { z } from "zod";
import { BODIES } from "./bodies.ts";
import type { FindOperation, Operation } from "./document.ts";
import type { Recorded } from "./recording.ts";
import type { Violation } from "./replay.ts";

const Json = z.record(z.string(), z.unknown());

/** Everything these checks find in one call, in the form of the proxy's own findings. */
export function ownFindings(call: Recorded, find: FindOperation): readonly Violation[] {
  const address = new URL(call.target, "https://account.test");
  const operation = find(call.method, address.pathname);
  if (operation === null) return [];
  return [
    ...queryFindings(address.searchParams, operation),
    ...bodyFindings(call, address.pathname),
    ...answerFindings(call, address, operation),
  ];
}

function violation(location: readonly (string | number)[], message: string): Violation {
  return { location: [...location], severity: "Error", message };
}

/** Cursor pages are described in the text for every list: "Pagination" of the vendor's introduction. */
const PAGES = new Set(["page", "per_page", "page[size]", "page[after]", "page[before]"]);

function queryFindings(given: URLSearchParams, { query }: Operation): readonly Violation[] {
  return [...new Set(given.keys())]
    .filter((name) => !query.has(name) && !PAGES.has(name))
    .map((name) => violation(["request", "query", name], "is no parameter of this operation"));
}

function bodyFindings({ method, requestBody }: Recorded, path: string): readonly Violation[] {
  const known = BODIES.find(({ call }) => call.test(`${method} ${path.replace("/api/v2", "")}`));
  if (known === undefined || requestBody === undefined || requestBody === null) return [];
  const parsed = known.body.safeParse(requestBody);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path: at, message }) =>
    violation(["request", "body", ...at.map(String)], message),
  );
}

function answerFindings(
  { status, body }: Recorded,
  address: URL,
  { examples }: Operation,
): readonly Violation[] {
  const known = examples.get(status) ?? [];
  if (status >= 300 || known.length === 0 || body === null || body === "") return [];
  const answer: unknown = JSON.parse(body);
  // Without a credential users/me answers with an empty user, and the examples are of people.
  if (EmptyUser.safeParse(answer).success) return [];
  const missing = known
    .map((example) => missingIn(answer, example, ["response", "body"]))
    .toSorted((one, other) => one.length - other.length)[0];
  return [...(missing ?? []), ...pageFindings(answer, address)];
}

const EmptyUser = z.object({ user: z.object({ id: z.null() }) });

/** A list that is asked for by cursor tells whether there is more, and where: "Cursor pagination". */
function pageFindings(answer: unknown, address: URL): readonly Violation[] {
  if (!address.searchParams.has("page[size]")) return [];
  const Page = z.looseObject({
    meta: z.looseObject({ has_more: z.boolean() }),
    links: z.looseObject({}),
  });
  const parsed = Page.safeParse(answer);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) =>
        violation(["response", "body", ...path.map(String)], `of a cursor page: ${message}`),
      );
}

/**
 * What an example holds and the answer has not, and lists that are none. Looked at are the answer, its records and the
 * lists in them: what else a record holds (`via`, `metadata`, `user_fields`) differs from one to the next. Where a page is
 * asked for by cursor, the counts of the other kind of page are left out of an answer.
 */
function missingIn(
  answer: unknown,
  example: unknown,
  location: readonly (string | number)[],
  isRecord = true,
): readonly Violation[] {
  if (answer === null || example === null) return [];
  if (Array.isArray(example)) {
    if (!Array.isArray(answer)) return [violation(location, "must be a list, as in the example")];
    const shape = commonShape(example);
    return shape === null
      ? []
      : answer.flatMap((each, index) => missingIn(each, shape, [...location, index]));
  }
  const held = Json.safeParse(example);
  if (!held.success || !isRecord) return [];
  const given = Json.safeParse(answer);
  if (!given.success) return [violation(location, "must be an object, as in the example")];
  const isAnswer = location.length === 2;
  return Object.entries(held.data).flatMap(([name, value]) => {
    if (isAnswer && OFFSET_PAGE.has(name)) return [];
    const at = [...location, name];
    if (!(name in given.data)) return [violation(at, "is in the example, not here")];
    return missingIn(given.data[name], value, at, isAnswer);
  });
}

const OFFSET_PAGE = new Set(["count", "next_page", "previous_page", "facets"]);

/** What all entries of an example's list have; null when they are no objects. */
function commonShape(entries: readonly unknown[]): unknown {
  const [first, ...rest] = entries.map((entry) => Json.safeParse(entry).data);
  if (first === undefined || rest.includes(undefined)) return null;
  return Object.fromEntries(
    Object.entries(first).filter(([name]) => rest.every((other) => other && name in other)),
  );
}
