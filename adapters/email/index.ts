/**
 * Room: the e-mail channel: it receives customers' mail over IMAP and answers it over SMTP.
 * In: mail in the configured inboxes, and the actions Deskhand has decided on.
 * Out: events, conversations and files for the core; replies and notices for customers.
 * May touch: the mail servers (IMAP, SMTP, sign-in), DNS, and the stores the caller passes in. No other vendor.
 */
import { NoticeArguments, ReplyArguments, type Action } from "#core/values/action.ts";
import { type Accept, type Channel, KEEPS_NO_HISTORY } from "#core/contracts/channel.ts";
import { parsedArguments } from "#core/contracts/tool.ts";
import { DeskhandError, invalidConfig } from "#core/values/errors.ts";
import { currentKey } from "#core/connection/signing-keys.ts";
import { inboxName, loginStates, type LoginStates } from "#email/login/sign-in.ts";
import { prepareNotice, prepareReply } from "#email/outbound/compose.ts";
import { cachedDns, systemDns } from "#email/sender-auth/dkim.ts";
import { watchFolder } from "#email/inbox/watch-folder.ts";
import type { EmailOptions, Inbox } from "./options.ts";
import { mailHints } from "./receive.ts";
import { openPart } from "./attachments.ts";
import { resolveMail } from "./resolve.ts";
import { mailSender } from "#email/outbound/send-mail.ts";
import type { OwnInbox } from "#email/mime/addresses.ts";
import {
  cursorsUnder,
  type DutyLease,
  type DutyPlace,
  type DutyWork,
  SOLE_PROCESS,
} from "#core/contracts/ports.ts";

/**
 * Mail as a channel: reads any number of IMAP inboxes, answers over SMTP, threads by Message-ID, and believes a sender
 * only by DKIM. Throws when it has no inbox or a secret too short to prove anything.
 */
export function email(options: EmailOptions): Channel {
  const { inboxes } = options;
  const [firstInbox, ...otherInboxes] = inboxes;
  if (firstInbox === undefined || currentKey(options.secret).length < 16)
    throw invalidConfig("e-mail needs an inbox and a secret of 16 characters");
  const accounts = [ownInbox(firstInbox), ...otherInboxes.map(ownInbox)] as const;
  const own = {
    inbox: firstInbox.address.toLowerCase(),
    instance: options.instance,
    secret: options.secret,
    messageIdDomain: options.messageIdDomain,
    inboxes: accounts.flatMap(({ names }) => names),
    accounts,
    showsReference: options.showsReference ?? (() => false),
    isTeammate: options.isTeammate ?? (() => false),
  };
  const checks = {
    // One memory of DNS answers for all inboxes.
    resolver: cachedDns(options.resolver ?? systemDns(), options.clock),
    ownServer: options.ownServer ?? null,
    bytesMax: options.limits.mailBytesMax,
  };
  const brands = new Map(inboxes.map(({ address, brand }) => [address.toLowerCase(), brand]));
  const inboxBrand = (inbox: string): string => brands.get(inbox) ?? "default";
  const logins = options.accounts ?? loginStates(inboxes, options);
  const { keepsCc = () => false } = options;
  const resolving = { ...own, checks, keepsCc, brandOf: inboxBrand };
  const sender = mailSender({ ...options, accounts: logins });
  const { connectMs, smtpAnswerMs } = options.limits;
  let places: readonly DutyPlace[] = [];

  return {
    name: "email",
    ...KEEPS_NO_HISTORY,
    // Any sender can write any From line; whether this one is proven is known for one mail at a time.
    keepsSender: false,
    showWork: null,
    openFile: (ref, limits) => openPart(options.blobs, ref, limits),
    supports: ["reply", "notice"],
    // Its own limits end first: a server that looks through a mail before it takes it may be slow (RFC 5321, 4.5.3.2.6).
    commitMs: connectMs + 2 * smtpAnswerMs,
    receive: (delivery) => mailHints(delivery, own),
    resolve: (hint, context) => resolveMail(hint, context, resolving),
    async start(accept: Accept): Promise<void> {
      if (places.length > 0) throw new Error("the inboxes are watched already");
      const { duties = SOLE_PROCESS } = options;
      places = await Promise.all(
        inboxes.map((inbox) =>
          duties.hold({ kind: "inbox", name: inbox.address.toLowerCase() }, (lease) =>
            inboxReading(inbox, logins, options, { accept, lease }),
          ),
        ),
      );
    },
    async stop(): Promise<void> {
      const stopping = places;
      places = [];
      await Promise.all(stopping.map((place) => place.stop()));
    },
    commit: async (action, key, signal, isFirst) =>
      sender.send(letterFor(action, key, own), signal, isFirst),
    find: async (action, key) => sender.find(letterFor(action, key, own)),
  };
}

/**
 * Both folders of one account. What people sent is looked at after what had arrived, because their answers belong to
 * mails that have to be known by then. What they sent before Deskhand came is left alone.
 */
function inboxReading(
  { address, imap, folder = "INBOX" }: Inbox,
  logins: LoginStates,
  options: EmailOptions,
  { accept, lease }: { readonly accept: Accept; readonly lease: DutyLease | null },
): DutyWork {
  const common = {
    ...options,
    address: address.toLowerCase(),
    imap,
    account: logins.of(address, "IMAP"),
    cursors: cursorsUnder(lease, options.cursors),
  };
  const take: Accept = (delivery) => accept({ ...delivery, lease });
  const report = options.board?.of(`mail ${inboxName(address)}`, "email");
  const arriving = watchFolder({ ...common, folder: "inbox", path: folder, report }, take);
  const after = (): Promise<void> => arriving.caughtUp();
  const sent = watchFolder(
    { ...common, folder: "sent", path: "\\Sent", startAt: "now", after },
    take,
  );
  return {
    ready: arriving.ready,
    async stop() {
      await Promise.all([arriving.stop(), sent.stop()]);
      report?.end();
    },
  };
}

function ownInbox({ address, aliases, plusAddressing = true, name }: Inbox): OwnInbox {
  const names = aliases.map((alias) => alias.toLowerCase());
  return { names: [address.toLowerCase(), ...names], plusAddressing, displayName: name };
}

function letterFor(action: Action, key: string, own: Parameters<typeof prepareNotice>[2]) {
  if (action.operation === "notice")
    return prepareNotice(parsedArguments(NoticeArguments, action), key, own);
  if (action.operation === "reply")
    return prepareReply(parsedArguments(ReplyArguments, action), key, own);
  throw new DeskhandError("channel.unsupported", `e-mail cannot ${action.operation}`);
}
