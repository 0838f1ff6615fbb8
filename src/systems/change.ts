/** One change that is to be carried out or looked for, read back from its action. */

import { type Action, SystemArguments } from "#core/values/action.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { SystemTool, Value, WriteDeclaration } from "./contract.ts";
import { isSameValue } from "./fields.ts";
import { type RequestValues, takeValue, STRANGER } from "./request-values.ts";
import { createHash } from "node:crypto";

/** A change with the values that its requests are filled with. */
export interface Change {
  readonly declaration: WriteDeclaration;
  readonly given: SystemArguments;
  readonly values: RequestValues;
}

/**
 * The change that an action describes. Throws `channel.unsupported` for an operation that no tool has, `system.refused`
 * for arguments of another shape.
 */
export function systemChange(
  declarations: readonly SystemTool[],
  action: Action,
  key: string,
): Change {
  const declaration = declarations.find(
    (one): one is WriteDeclaration => one.kind === "write" && one.operation === action.operation,
  );
  if (declaration === undefined)
    throw new DeskhandError("channel.unsupported", `no system can ${action.operation}`);
  const given = SystemArguments.safeParse(action.arguments);
  if (!given.success)
    throw new DeskhandError(
      "system.refused",
      `${action.operation} has arguments of another shape. Nothing was sent. Ask for it again.`,
      { cause: given.error },
    );
  const { input, record, requester } = given.data;
  const values = { input, record, requester: { ...STRANGER, ...requester }, key: keyInSystem(key) };
  return { declaration, given: given.data, values };
}

/** Whether a value that came back is the one that was sent; nothing was sent for an input that was left out. */
export function isSent(found: unknown, value: Value, values: RequestValues): boolean {
  const sent = takeValue(value, values);
  return sent.kind === "absent" || (sent.kind === "value" && isSameValue(found, sent.value));
}

/**
 * The same key always becomes the same UUID of version 8 (RFC 9562, 5.8), made from its SHA-256: systems limit their keys
 * to 36 characters or less, and some take nothing but UUIDs.
 */
export function keyInSystem(key: string): string {
  const hex = createHash("sha256").update(key).digest("hex");
  // The highest two bits of this digit are the variant: 8, 9, a or b.
  const variant = (8 + (Number.parseInt(hex.charAt(16), 16) % 4)).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
