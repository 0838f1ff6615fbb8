/** Finds the Sent folder and keeps copies of sent mail in it. */
import type { ImapFlow } from "imapflow";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { type ImapServer, type ImapTimeouts, closeImap, connectImap } from "./imap-connection.ts";
import type { LoginState } from "#email/login/sign-in.ts";

/** The Sent folder of one account: where a reply is kept, and looked up when it is unknown whether it went out. */
export interface SentFolder {
  /** Throws `channel.unavailable` when the folder cannot be searched: that is no answer. */
  has(messageId: string): Promise<boolean>;
  /** Keeps a copy unless the provider did so itself. */
  keep(raw: Buffer, messageId: string): Promise<void>;
}

/** Opens a connection for each question: replies are rare, and an idle one would count against the account's limit. */
export function sentFolder(
  server: ImapServer,
  options: { readonly timeouts: ImapTimeouts; readonly account: LoginState },
): SentFolder {
  let known: string | null = null;
  const opened = async <Result>(
    use: (client: ImapFlow, path: string) => Promise<Result>,
  ): Promise<Result> => {
    let client: ImapFlow | null = null;
    try {
      client = await connectImap(server, options);
      known ??= await sentPath(client);
      return await use(client, known);
    } catch (error) {
      // The folder may have been renamed meanwhile.
      known = null;
      if (error instanceof DeskhandError) throw error;
      throw new DeskhandError(
        "channel.unavailable",
        `the Sent folder cannot be used: ${reasonOf(error)}`,
        {
          cause: error,
        },
      );
    } finally {
      if (client !== null) await closeImap(client, true);
    }
  };
  return {
    has: (messageId) => opened((client, path) => isThere(client, path, messageId)),
    keep: (raw, messageId) =>
      opened(async (client, path) => {
        if (await isThere(client, path, messageId)) return;
        const appended = await client.append(path, raw, ["\\Seen"]);
        if (appended === false) throw new Error("the server did not take the copy");
      }),
  };
}

/** By its special use (RFC 6154) or its well-known name; null when there is none. */
export async function findSentFolder(client: ImapFlow): Promise<string | null> {
  const folders = await client.list();
  return folders.find(({ specialUse }) => specialUse === "\\Sent")?.path ?? null;
}

/** The path of the Sent folder, made when there is none. */
export async function sentPath(client: ImapFlow): Promise<string> {
  return (await findSentFolder(client)) ?? (await client.mailboxCreate("Sent")).path;
}

async function isThere(client: ImapFlow, path: string, messageId: string): Promise<boolean> {
  await client.mailboxOpen(path, { readOnly: true });
  const found = await client.search({ header: { "message-id": messageId } }, { uid: true });
  if (!Array.isArray(found))
    throw new DeskhandError("channel.unavailable", "the Sent folder cannot be searched");
  return found.length > 0;
}
