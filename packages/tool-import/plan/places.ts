/** Puts named values into the places of an operation: its path, query, headers and body. */
import type { FieldDescription, OperationDescription } from "#importing/description.ts";
import { snakeCase } from "#importing/openapi/reading.ts";
import type { RequestTemplate } from "#systems/contract.ts";
import { fieldAt } from "./fields.ts";

/** Values of a request by their names in the document. */
export type Values = NonNullable<RequestTemplate["query"]>;

/** A value's name in the document, and what the document says of it. */
interface Place {
  readonly in: "path" | "query" | "header" | "body";
  readonly field: FieldDescription;
}

/** Where the value of this name goes; a parameter comes before a field of the body. Null where there is none. */
export function namedPlace(operation: OperationDescription, name: string): Place | null {
  const parameter = operation.parameters.find(({ field }) => field.name === name);
  if (parameter !== undefined) return { in: parameter.in, field: parameter.field };
  // Systems read bracketed names of nested filters that their documents name only by the outer part.
  const outer = operation.parameters.find(
    ({ field }) =>
      name.startsWith(`${field.name}[`) && ["object", "map", "any"].includes(field.type),
  );
  const inner = /\[([^\][]+)\]$/.exec(name)?.[1];
  if (outer !== undefined && inner !== undefined) {
    const field = fieldAt(outer.field, inner);
    return field === null ? null : { in: outer.in, field: { ...field, name } };
  }
  const field = operation.body === null ? null : fieldAt(operation.body.content, name);
  return field === null || name === "" ? null : { in: "body", field };
}

/** Names of what the document requires and the model or a fixed value has to give: parameters, and plain body fields. */
export function requiredNames(operation: OperationDescription): readonly string[] {
  return [
    ...operation.parameters
      .filter(({ in: place, field }) => place === "path" || (place === "query" && field.required))
      .map(({ field }) => field.name),
    ...(operation.body === null || isPatch(operation)
      ? []
      : requiredBelow(operation.body.content, "")),
  ];
}

/** Headers that every request needs; the connection sends them, or a value is said. */
export function requiredHeaders(operation: OperationDescription): readonly string[] {
  return operation.parameters
    .filter(({ in: place, field }) => place === "header" && field.required)
    .map(({ field }) => field.name);
}

function isPatch({ body }: OperationDescription): boolean {
  return body?.encodings[0] === "json-patch";
}

function requiredBelow(field: FieldDescription, path: string): readonly string[] {
  return field.fields
    .filter(({ required, inSomeForms }) => required && !inSomeForms)
    .flatMap((inner) => {
      const name = path === "" ? inner.name : `${path}.${inner.name}`;
      return inner.type === "object" ? requiredBelow(inner, name) : [name];
    });
}

/** The request with every value in its place. Names without a place are left out; `unplaced` finds them. */
export function requestTemplate(
  operation: OperationDescription,
  values: Values,
  encoding: "json" | "form" | "json-patch" | undefined,
): RequestTemplate {
  const inPlace = (where: Place["in"]) =>
    Object.fromEntries(
      Object.entries(values).filter(([name]) => namedPlace(operation, name)?.in === where),
    );
  const [path, query, headers, fields] = [
    inPlace("path"),
    inPlace("query"),
    inPlace("header"),
    inPlace("body"),
  ];
  const chosen = encoding ?? operation.body?.encodings[0];
  const needsBody =
    operation.body !== null && (operation.body.required || Object.keys(fields).length > 0);
  return {
    method: operation.method,
    path: operation.path,
    ...(isEmpty(path) ? {} : { pathValues: path }),
    ...(isEmpty(query) ? {} : { query }),
    ...(isEmpty(headers) ? {} : { headers }),
    ...(needsBody && chosen !== undefined ? { body: { encoding: chosen, fields } } : {}),
  };
}

function isEmpty(values: object): boolean {
  return Object.keys(values).length === 0;
}

/** Names of values that the operation has no place for. */
export function unplaced(operation: OperationDescription, values: Values): readonly string[] {
  return Object.keys(values).filter((name) => namedPlace(operation, name) === null);
}

/** The name of an input for a name of the document: `address.line1` and `q[email_cont]` become words with underscores. */
export function inputName(name: string): string {
  const words = snakeCase(name).slice(0, 40);
  return /^[a-z]/.test(words) ? words : `value_${words}`;
}
