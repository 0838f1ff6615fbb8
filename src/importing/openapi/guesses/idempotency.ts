/** How a system is kept from doing something twice, as far as its document says. */
import type {
  BodyDescription,
  Guess,
  IdempotencyPlace,
  OperationSummary,
  ParameterDescription,
} from "#importing/description.ts";
import { wordsOf } from "#importing/openapi/words.ts";

/** Words of a description by which a key of a request is known. */
const SAYS_SO = /idempot|\bretr(?:y|ies)\b|duplicate|exactly once|same request/i;

/**
 * A header or field that is named after idempotency, or named after the request and described so. No vendor's habit is
 * assumed: where the document names none, `by` is `none`, and the lead is asked.
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
  for (const { in: place, field } of parameters) {
    if (place !== "header") continue;
    const sign = signOf(field.name, field.description);
    if (sign !== null)
      return {
        value: { by: "header", name: field.name },
        because: `The header ${field.name} ${sign}.`,
        stated: true,
      };
  }
  for (const field of body?.content.fields ?? []) {
    const sign = field.type === "string" ? signOf(field.name, field.description) : null;
    if (sign !== null)
      return {
        value: { by: "field", name: field.name },
        because: `The field ${field.name} ${sign}.`,
        stated: true,
      };
  }
  const isRepeatable = (method === "PUT" || method === "DELETE") && path.endsWith("}");
  const because = isRepeatable
    ? `The document names no key of a request; a repeated ${method} of one record should change nothing more (RFC 9110, section 9.2.2).`
    : "The document names no header and no field by which a repeated request is known.";
  return { value: { by: "none" }, because, stated: false };
}

/** Why a name is that of a key, as the end of a sentence. */
function signOf(name: string, description: string): string | null {
  const words = wordsOf(name);
  if (words.some((word) => word.startsWith("idempot"))) return "is named after it";
  const isOfRequest =
    words.includes("request") && /^(?:id|key|token|uuid)$/.test(words.at(-1) ?? "");
  return isOfRequest && (SAYS_SO.test(description) || words.at(-1) !== "uuid")
    ? "names the request, so that a repeated one can be known"
    : null;
}
