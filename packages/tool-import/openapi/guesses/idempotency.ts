/** How a system is kept from doing something twice, as far as its document says. */
import type {
  BodyDescription,
  FieldDescription,
  IdempotencyPlace,
  ParameterDescription,
} from "#importing/description.ts";
import { singularWords } from "#importing/openapi/words.ts";

/** Words of a description by which a key of a request is known. */
const SAYS_SO = /idempot|\bretr(?:y|ies)\b|duplicate|exactly once|same request|stores? keys/i;

/**
 * A header or field that is named after idempotency, or named after the request and described so; without one, a header
 * that is named after the request, which may be there for tracing. No vendor's habit is assumed: where the document names
 * nothing there is none, and the lead is asked.
 */
export function guessIdempotency({
  parameters,
  body,
}: {
  readonly parameters: readonly ParameterDescription[];
  readonly body: BodyDescription | null;
}): IdempotencyPlace | null {
  const headers = parameters
    .filter((parameter) => parameter.in === "header")
    .map(({ field }) => field);
  const texts = (body?.content.fields ?? []).filter(({ type }) => type === "string");
  const header = (found: FieldDescription | undefined): IdempotencyPlace | null =>
    found === undefined ? null : { in: "header", name: found.name };
  const field = texts.find(isForRepeats);
  return (
    header(headers.find(isForRepeats)) ??
    (field === undefined ? header(headers.find(isForRequest)) : { in: "field", name: field.name })
  );
}

function isForRepeats({ name, description }: FieldDescription): boolean {
  const words = singularWords(name);
  return (
    words.some((word) => /^(?:idempot|dedup)/.test(word)) ||
    (isKey(words) && SAYS_SO.test(description))
  );
}

function isForRequest({ name }: FieldDescription): boolean {
  const words = singularWords(name);
  return isKey(words) && words.includes("request") && words.length <= 3;
}

function isKey(words: readonly string[]): boolean {
  return /^(?:id|key|token|uuid)$/.test(words.at(-1) ?? "");
}
