/** A policy file under which drafts by e-mail are only shown. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SANDBOX_POLICY } from "./real-parts.ts";

/** The environment of a Deskhand that only shadows on e-mail; its policy lies in this folder. */
export function shadowingMail(folder: string): Record<string, string> {
  const file = join(folder, "shadow.yaml");
  const text = readFileSync(SANDBOX_POLICY, "utf8");
  const changed = text.replace(/(email: \{ default:) \w+/, "$1 shadow");
  assert.notEqual(changed, text, "the policy says nothing about e-mail");
  writeFileSync(file, changed);
  return { DESKHAND_POLICY: file };
}
