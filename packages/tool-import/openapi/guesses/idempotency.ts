/** How a system is kept from doing something twice, as far as its document says. */
import type {
  BodyDescription,
  FieldDescription,
  Guess,
  IdempotencyPlace,
  OperationSummary,
  ParameterDescription,
} from "#importing/description.ts";
import { singularWords } from "#importing/openapi/words.ts";

/** Words of a description by which a key of a request is known. */
const SAYS_SO = /idempot|\bretr(?:y|ies)\b|duplicate|exactly once|same request|stores? keys/i;

type Place = Exclude<IdempotencyPlace, { readonly by: "none" }>;

/**
 * A header or field that is named after idempotency, or named after the request and described so. One that is only named
 * after the request may be there for tracing, so it is a suggestion. No vendor's habit is assumed: where the document
 * names nothing, `by` is `none`, and the lead is asked.
 */
export function guessIdempotency({
  method,
  path,
  parameters,
  body,
}: Pick<OperationSummary, "method" | "path"> & {
  readonly parameters: readonly ParameterDescription[];
  readonly body: BodyDescription | null;
}): Guess<IdempotencyPlace> {
  const headers = parameters
    .filter((parameter) => parameter.in === "header")
    .map(({ field }) => guessFrom("header", field));
  const fields = (body?.content.fields ?? [])
    .filter(({ type }) => type === "string")
    .map((field) => guessFrom("field", field));
  const found = [...headers, ...fields].filter((guess) => guess !== null);
  return found.find(({ stated }) => stated) ?? found[0] ?? none(method, path);
}

function none(method: OperationSummary["method"], path: string): Guess<IdempotencyPlace> {
  const isRepeatable = (method === "PUT" || method === "DELETE") && path.endsWith("}");
  const because = isRepeatable
    ? `The document names no key of a request; a repeated ${method} of one record should change nothing more (RFC 9110, section 9.2.2).`
    : "The document names no header and no field by which a repeated request is known.";
  return { value: { by: "none" }, because, stated: false };
}

function guessFrom(by: Place["by"], { name, description }: FieldDescription): Guess<Place> | null {
  const words = singularWords(name);
  const guess = (because: string, stated: boolean): Guess<Place> => ({
    value: { by, name },
    because: `The ${by} ${name} ${because}.`,
    stated,
  });
  if (words.some((word) => /^(?:idempot|dedup)/.test(word)))
    return guess("is named after it", true);
  const isKey = /^(?:id|key|token|uuid)$/.test(words.at(-1) ?? "");
  if (isKey && SAYS_SO.test(description)) return guess("is described so", true);
  const isOfRequest = isKey && words.includes("request") && words.length <= 3;
  return isOfRequest && by === "header"
    ? guess("names the request, maybe only for tracing", false)
    : null;
}
