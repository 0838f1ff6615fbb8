/** Where a document says that its system is. */
import type { SystemDescription } from "#importing/description.ts";
import { FIELD_TEXT_MAX, type Texts } from "./reading.ts";
import { listAt, type Node, nodeAt, type Part, textAt } from "./references.ts";

/** Tells what was left out, and where it stands. */
export type Note = (at: string, says: string) => void;

const SERVERS_MAX = 20;
/** `test.` begins a host; at its end it is a domain of its own. */
const TEST_WORDS =
  /sandbox|\btest[. -]|\btesting|staging|\bdemo|\bmock|localhost|127\.0\.0\.1|example\.(?:com|org|net)/i;

/** The servers of a document, a path or an operation: whole addresses without credentials. */
export function serversIn(
  { node, base }: Part,
  texts: Texts,
  note: Note,
): SystemDescription["servers"] {
  const found = new Map<string, SystemDescription["servers"][number]>();
  for (const [at, server] of listAt(node, "servers").slice(0, SERVERS_MAX).entries()) {
    const where = `#/servers/${at}`;
    const written = withVariables(textAt(server, "url"), nodeAt(server, "variables"));
    const url = URL.parse(written, /^https?:/.test(base) ? base : undefined);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      note(where, "The server is no whole address, so it is left out.");
      continue;
    }
    if (url.username !== "" || url.password !== "")
      note(where, "The server's address has a user or a password in it, which were taken out.");
    const description = texts.description(textAt(server, "description"), FIELD_TEXT_MAX);
    const plain = `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, "")}`;
    found.set(plain, { url: plain, isTest: TEST_WORDS.test(`${plain} ${description}`) });
  }
  return [...found.values()];
}

function withVariables(url: string, variables: Node | null): string {
  return url.slice(0, 500).replaceAll(/\{([^{}]{1,60})\}/g, (whole, name: string) => {
    return textAt(nodeAt(variables, name), "default") || whole;
  });
}
