/**
 * The sample shop's outgoing mail. A mail is stored with the change that causes it and removed once it was accepted,
 * so a mail server that is away delays a notice and never loses it.
 */

import type { StateFile } from "./state.ts";

const RETRY_MS = 2000;

/** How the shop hands a mail over; a rejection means "try again later". */
export type SendMail = (mail: { to: string; subject: string; text: string }) => Promise<void>;

/** The running outbox. */
export interface Outbox {
  /** Starts sending what waits; returns at once. */
  wake(): void;
  /** Stops retrying and waits for the mail in flight. */
  close(): Promise<void>;
}

/** Sends what an earlier run left, then whatever `wake` announces, one mail at a time and in order. */
export function startOutbox(file: StateFile, send: SendMail): Outbox {
  let running: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const drain = async (): Promise<"empty" | "refused"> => {
    for (
      let mail = file.state.outbox[0];
      mail !== undefined && !closed;
      mail = file.state.outbox[0]
    ) {
      const { id, to, subject, text } = mail;
      try {
        await send({ to, subject, text });
        file.state.outbox = file.state.outbox.filter((other) => other.id !== id);
        file.save();
      } catch {
        // The sandbox's mail server may start later than the shop or be stopped by a test; what is left stays in line.
        return "refused";
      }
    }
    return "empty";
  };
  const wake = () => {
    if (closed || running !== undefined) return;
    clearTimeout(retry);
    running = drain().then((end) => {
      running = undefined;
      if (closed) return;
      if (end === "refused") retry = setTimeout(wake, RETRY_MS).unref();
      else if (file.state.outbox.length > 0) wake();
    });
  };
  wake();
  return {
    wake,
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await running;
    },
  };
}
