import { digest } from "./canonical-json.ts";

/** What an alert belongs together with, so that a desk can keep a storm of them in one place. */
export interface AlertFamily {
  readonly conversationId: string;
  /** Of what sort it is, such as `dead-letter`; null for one that should stand by itself beside others of its sort. */
  readonly kind: string | null;
}

/** The names of an alert's families, the nearest first: its conversation, then its kind. */
export type FamilyNames = readonly string[];

const NAME_LENGTH = 12;
const NO_NAME = "-";

/**
 * The key of an alert: what it is about, and behind that its families. They stand in the key because the arguments of an
 * action are strict, so that a desk of an older version would refuse one more.
 */
export function alertKey(about: string, family: AlertFamily | null): string {
  const key = `alert:${digest(about).slice(0, 32)}`;
  if (family === null) return key;
  const kind = family.kind === null ? NO_NAME : nameOf(`kind:${family.kind}`);
  return `${key}:${nameOf(`conversation:${family.conversationId}`)}:${kind}`;
}

/** The families an alert's key names; none for one that belongs to nothing. */
export function familiesOf(key: string): FamilyNames {
  const [, , ...names] = key.split(":");
  return key.startsWith("alert:") ? names.filter((name) => name !== NO_NAME) : [];
}

function nameOf(what: string): string {
  return digest(what).slice(0, NAME_LENGTH);
}
