/** Shows the request that a change would send, for people: its secrets are marks, and nothing is sent. */
import type { Action } from "#core/values/action.ts";
import type { Authentication, Connection, SystemTool } from "./contract.ts";
import { type PreparedRequest, prepareRequest } from "#systems/http/prepare-request.ts";
import { withKey } from "./target.ts";
import { placedCredentials, type SystemSettings } from "#systems/http/authentication.ts";
import { systemChange } from "./planned-change.ts";

/**
 * Method, address, headers and body as they would travel; null for an action of another target. Throws like the target
 * for an action that no tool has.
 */
export function shownRequest(
  declarations: readonly SystemTool[],
  settings: SystemSettings,
  { action, key }: { readonly action: Action; readonly key: string },
): string | null {
  if (action.target !== "system") return null;
  const { declaration, values } = systemChange(declarations, action, key);
  const { connection, commit } = declaration;
  const prepared = prepareRequest(withKey(commit), values);
  if (prepared.kind === "refused") return `None: ${prepared.reason}.`;
  const { request } = prepared;
  const { authentication } = connection;
  const signature = placedCredentials(authentication, `[${credentialsName(authentication)}]`);
  return [
    `${request.method} ${addressShown(connection, settings)}${request.path}${queryShown(request, signature.query)}`,
    ...headersShown(connection, request, Object.entries(signature.headers)),
    ...(request.body === null ? [] : ["", bodyShown(request.body)]),
  ].join("\n");
}

function addressShown({ addressFrom, address }: Connection, settings: SystemSettings): string {
  return (settings.text(addressFrom) ?? address ?? `[${addressFrom} is not set]`).replace(
    /(?<!\/)\/+$/,
    "",
  );
}

type Shown = readonly (readonly [name: string, value: string])[];

function credentialsName(authentication: Authentication): string {
  switch (authentication.kind) {
    case "none":
      return "";
    case "basic":
      return `${authentication.user}:${authentication.secret}`;
    case "client-credentials":
      return `a token for ${authentication.client}`;
    case "api-key":
    case "bearer":
      return authentication.secret;
  }
}

function queryShown({ query }: PreparedRequest, signature: Shown): string {
  const pairs = [...query, ...signature].map((pair) => pair.join("="));
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function headersShown(
  { headers = {} }: Connection,
  request: PreparedRequest,
  signature: Shown,
): readonly string[] {
  const type: Shown = request.body === null ? [] : [["Content-Type", request.body.type]];
  const all = [
    ...Object.entries(headers),
    ...Object.entries(request.headers),
    ...type,
    ...signature,
  ];
  return all.map(([name, value]) => `${name}: ${value}`);
}

/** JSON over several lines, a form with one field a line. */
function bodyShown({ type, text }: NonNullable<PreparedRequest["body"]>): string {
  if (type === "application/x-www-form-urlencoded")
    return [...new URLSearchParams(text)].map((pair) => pair.join("=")).join("\n");
  return JSON.stringify(JSON.parse(text), null, 2);
}
