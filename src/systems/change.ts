/** One change that is to be carried out or looked for, read back from its action. */

import type { SystemArguments } from "#core/values/action.ts";
import type { Value, WriteDeclaration } from "./contract.ts";
import { isSameValue } from "./fields.ts";
import { type RequestValues, takeValue } from "./request-values.ts";

/** A change with the values that its requests are filled with. */
export interface Change {
  readonly declaration: WriteDeclaration;
  readonly given: SystemArguments;
  readonly values: RequestValues;
}

/** Whether a value that came back is the one that was sent; nothing was sent for an input that was left out. */
export function isSent(found: unknown, value: Value, values: RequestValues): boolean {
  const sent = takeValue(value, values);
  return sent.kind === "absent" || (sent.kind === "value" && isSameValue(found, sent.value));
}
