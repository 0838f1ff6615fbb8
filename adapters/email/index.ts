import { ReplyArguments, type Action } from "#core/action.ts";
import type { Accept, Channel, Resolved } from "#core/channel.ts";
import { DeskhandError } from "#core/errors.ts";
import { watchMailbox, type MailboxWatch } from "./mailbox.ts";
import type { EmailOptions } from "./options.ts";
import { hintsOf } from "./receive.ts";
import { resolveMail } from "./resolve.ts";
import { replySender } from "./reply.ts";

/**
 * Mail as a channel: reads any number of IMAP inboxes, answers over SMTP, threads by Message-ID, and believes a sender
 * only by DKIM. Throws when it has no inbox or a secret too short to prove anything.
 */
export function email(options: EmailOptions): Channel {
  const { inboxes, limits } = options;
  if (inboxes.length === 0 || options.secret.length < 16)
    throw new DeskhandError(
      "config.invalid",
      "e-mail needs an inbox and a secret of 16 characters",
    );
  const own = {
    instance: options.instance,
    secret: options.secret,
    messageIdDomain: options.messageIdDomain,
    inboxes: inboxes.map(({ address }) => address.toLowerCase()),
  };
  const replies = replySender(options);
  let watches: readonly MailboxWatch[] = [];

  return {
    name: "email",
    keepsHistory: false,
    supports: ["reply"],
    findIsReliable: false,
    receive: (delivery) => hintsOf(delivery, own),
    resolve: (hint, context) => resolveMail(hint, context, { ...own, resolver: options.resolver }),
    fetch: async ({ subject, brand, externalId }): Promise<Resolved> => ({
      subject,
      brand,
      externalId,
      messages: [],
      signals: [],
    }),
    async start(accept: Accept): Promise<void> {
      if (watches.length > 0) throw new Error("the inboxes are watched already");
      watches = inboxes.map(({ address, imap }) => {
        const { cursors, clock, log, startAt } = options;
        const timeouts = { socketMs: limits.imapSilenceMs, connectMs: limits.connectMs };
        const { pollMs, retryMs } = limits;
        return watchMailbox(
          {
            address: address.toLowerCase(),
            imap,
            cursors,
            clock,
            log,
            startAt,
            timeouts,
            pollMs,
            retryMs,
            fetchLimits: limits,
          },
          accept,
        );
      });
      await Promise.all(watches.map(({ ready }) => ready));
    },
    async stop(): Promise<void> {
      const stopping = watches;
      watches = [];
      await Promise.all(stopping.map((watch) => watch.stop()));
    },
    commit: async (action, key, signal) => replies.send(replyOf(action), key, signal),
    find: async (action, key) => replies.find(replyOf(action), key),
  };
}

function replyOf(action: Action): ReplyArguments {
  if (action.operation !== "reply")
    throw new DeskhandError("channel.unsupported", `e-mail cannot ${action.operation}`);
  const reply = ReplyArguments.safeParse(action.arguments);
  if (!reply.success)
    throw new DeskhandError("channel.refused", "not a reply", { cause: reply.error });
  return reply.data;
}
