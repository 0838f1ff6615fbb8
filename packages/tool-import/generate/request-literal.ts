/** Writes the template of a request as it stands in a declaration. */
import type { RequestTemplate, Value } from "#systems/contract.ts";
import type { Literal } from "./literal.ts";

/** A request with its values still open. */
export function requestLiteral({
  method,
  path,
  pathValues,
  query,
  headers,
  body,
}: RequestTemplate): Literal {
  return {
    method,
    path,
    pathValues: pathValues === undefined ? undefined : valuesLiteral(pathValues),
    query: query === undefined ? undefined : valuesLiteral(query),
    headers: headers === undefined ? undefined : valuesLiteral(headers),
    body:
      body === undefined
        ? undefined
        : { encoding: body.encoding, fields: valuesLiteral(body.fields) },
  };
}

/** Values by the name they travel under. */
export function valuesLiteral(values: Readonly<Record<string, Value>>): Literal {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { ...value }]));
}
