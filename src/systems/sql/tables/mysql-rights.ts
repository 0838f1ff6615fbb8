/** Whether a role of MySQL or MariaDB can do more than read: tried on tables, and looked up in its grants. */
import type { Connection } from "mysql2/promise";
import { z } from "zod";
import { mysqlFailure } from "#systems/sql/mysql.ts";

/** What a grant may say of a role that only reads (MySQL 8.2.2, MariaDB "GRANT"); anything else is more. */
const READS = new Set([
  "BINLOG MONITOR",
  "PROCESS",
  "REPLICATION CLIENT",
  "SELECT",
  "SHOW DATABASES",
  "SHOW VIEW",
  "SLAVE MONITOR",
  "USAGE",
]);

const Grants = z.array(z.record(z.string(), z.string()));

/** Refused by right (1044, 1142, 1143, 1227), or by a server that takes no writes at all (1290, 1792, 1836). */
const REFUSED = [1044, 1142, 1143, 1227, 1290, 1792, 1836];

/** What the grants of this role say beyond reading, in words; null where it is nothing. */
export async function furtherMysqlRight(connection: Connection): Promise<string | null> {
  const [rows] = await connection.query("show grants");
  return furtherRights(Grants.parse(rows).flatMap((row) => Object.values(row)));
}

/** Whether this role may run a statement that writes. */
export async function mayRunInMysql(connection: Connection, text: string): Promise<boolean> {
  await connection.query("start transaction read write");
  try {
    await connection.query(text);
    return true;
  } catch (error) {
    // With the right, something else stood in the way: a generated column, a trigger.
    const { number } = mysqlFailure(error);
    if (number === 0) throw error;
    return !REFUSED.includes(number);
  } finally {
    await connection.query("rollback");
  }
}

/**
 * The first right beyond reading that lines of SHOW GRANTS say, in words; null where there is none. A role that the user
 * may take on counts as one, since its own rights are not looked into. No line is quoted: one may hold a password's hash.
 */
export function furtherRights(lines: readonly string[]): string | null {
  for (const line of lines) {
    if (/^SET DEFAULT ROLE /i.test(line)) continue;
    const rights = grantedRights(line);
    if (rights === null) return "take on another role";
    const more = rights.find((one) => !READS.has(one));
    if (more !== undefined) return `do more than read (${more})`;
  }
  return null;
}

/** A right, the columns it is limited to, and what follows: another right, or what they are on. */
const RIGHT = /(?<right>[A-Z_]+(?: [A-Z_]+)*) ?(?:\((?:`[^`]*`(?:, )?)*\))?(?<end>, | ON )/y;

/** The rights of one line; null for a line that grants something else, which is a role. */
function grantedRights(line: string): readonly string[] | null {
  const rights: string[] = [];
  RIGHT.lastIndex = "GRANT ".length;
  for (let found = RIGHT.exec(line); found !== null; found = RIGHT.exec(line)) {
    rights.push(found.groups?.["right"] ?? "");
    if (found.groups?.["end"] === " ON ") return rights;
  }
  return null;
}
