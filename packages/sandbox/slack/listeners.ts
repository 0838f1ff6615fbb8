/** Where a process accepts connections from, read from the kernel and not from what the process says. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** One listening TCP socket. */
export interface Listener {
  readonly port: number;
  readonly loopback: boolean;
}

/** The state column of /proc/net/tcp for a listening socket (TCP_LISTEN in the kernel's tcp_states.h). */
const LISTENING = "0A";

/** ::1 as /proc/net/tcp6 writes it: four words of 32 bits, each with its bytes reversed on this architecture. */
const LOOPBACK_6 = "00000000000000000000000001000000";

/** ::ffff:127.x.y.z, which is how IPv4's loopback appears among the IPv6 sockets. */
const MAPPED_PREFIX = "0000000000000000FFFF0000";

/** All TCP sockets on which the process listens. Empty when it has ended. */
export function listenersOf(pid: number): readonly Listener[] {
  const inodes = socketInodes(pid);
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) =>
    readLines(table)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === LISTENING && inodes.has(columns[9] ?? ""))
      .flatMap((columns) => {
        const [address, port] = (columns[1] ?? "").split(":");
        return address === undefined || port === undefined
          ? []
          : [{ port: Number.parseInt(port, 16), loopback: isLoopback(address) }];
      }),
  );
}

function isLoopback(address: string): boolean {
  if (address.length === 8) return address.endsWith("7F");
  return address === LOOPBACK_6 || (address.startsWith(MAPPED_PREFIX) && address.endsWith("7F"));
}

function socketInodes(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  try {
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(target(`/proc/${pid}/fd/${descriptor}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    }
  } catch {
    return new Set();
  }
  return inodes;
}

/** A descriptor may be closed between being listed and being read. */
function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

/** A kernel without IPv6 has no second table. */
function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}
