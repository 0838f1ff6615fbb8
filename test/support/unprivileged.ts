/** Servers that refuse to run as root. */
import { readFileSync } from "node:fs";

/** For root, the first of these users that this machine has; null for everybody else, who needs no other. */
export function unprivileged(
  names: readonly string[] = ["nobody"],
): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const [found] = names.flatMap((name) => users.filter(([user]) => user === name));
  const [, , uid, gid] = found ?? [];
  if (uid === undefined) throw new Error(`there is no user ${names.join(" or ")}`);
  return { uid: Number(uid), gid: Number(gid) };
}
