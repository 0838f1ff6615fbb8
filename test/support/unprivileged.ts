/** Servers that refuse to run as root. */
import { readFileSync } from "node:fs";

/** For root, the user that owns nothing; null for everybody else, who needs no other. */
export function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const [, uid, gid] =
    /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
  if (uid === undefined) throw new Error("there is no user nobody");
  return { uid: Number(uid), gid: Number(gid) };
}
