/** Keys of alerts, and the families by which a desk groups them. */
import { digest } from "./canonical-json.ts";

/** What an alert is grouped with, so that a desk can keep many of them in one thread. */
export interface AlertFamily {
  readonly conversationId: string;
  /** Its kind, such as `dead-letter`; null for an alert that is shown separately from others of its kind. */
  readonly kind: string | null;
}

/** The names of an alert's families, the closest first: its conversation, then its kind. */
export type FamilyNames = readonly string[];

const NAME_LENGTH = 12;
const NO_NAME = "-";

/**
 * The key of an alert: what it is about, then its families. They are part of the key because the arguments of an action
 * are strict: a desk of an older version would refuse an extra argument.
 */
export function alertKey(about: string, family: AlertFamily | null): string {
  const key = `alert:${digest(about).slice(0, 32)}`;
  if (family === null) return key;
  const kind = family.kind === null ? NO_NAME : nameOf(`kind:${family.kind}`);
  return `${key}:${nameOf(`conversation:${family.conversationId}`)}:${kind}`;
}

/** The families an alert's key names; empty for an alert without families. */
export function familiesOf(key: string): FamilyNames {
  const [, , ...names] = key.split(":");
  return key.startsWith("alert:") ? names.filter((name) => name !== NO_NAME) : [];
}

function nameOf(what: string): string {
  return digest(what).slice(0, NAME_LENGTH);
}
