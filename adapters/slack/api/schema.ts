/** Schemas of everything Slack sends, limited to the fields we use. */

import { z } from "zod";
import { AlertedCase, AlertedJunk } from "#core/values/alert.ts";
import { Paged } from "./web-api.ts";

export const Id = z.string().min(1).max(64);
/** Seconds and microseconds, Slack's id for a message within a channel. */
const Timestamp = z.string().regex(/^\d{1,12}\.\d{1,9}$/);

/** The envelope of the Events API (docs.slack.dev, Events API): only what is used. */
export const EventCallback = z.object({
  type: z.literal("event_callback"),
  team_id: Id,
  authorizations: z.array(z.object({ user_id: z.string().nullish() })).nullish(),
  event: z.object({ type: z.string() }).loose(),
});
export type EventCallback = z.infer<typeof EventCallback>;

const File = z.object({
  id: z.string().nullish(),
  name: z.string().nullish(),
  mimetype: z.string().nullish(),
  size: z.number().nullish(),
});

/** A message as events and histories show it. */
const Said = z.object({
  ts: Timestamp,
  user: z.string().max(64).nullish(),
  text: z.string().nullish(),
  subtype: z.string().nullish(),
  thread_ts: Timestamp.nullish(),
  bot_id: z.string().nullish(),
  app_id: z.string().nullish(),
  workflow_id: z.string().nullish(),
  user_team: z.string().nullish(),
  files: z.array(File).nullish(),
});

/** `message` and `app_mention` events. */
export const MessageEvent = Said.extend({
  type: z.enum(["message", "app_mention"]),
  channel: Id,
  channel_type: z.string().nullish(),
});
export type MessageEvent = z.infer<typeof MessageEvent>;

/** A changed message: edited by its writer, or by Slack, which adds link previews in the same way. */
export const ChangedEvent = z.object({
  type: z.literal("message"),
  subtype: z.literal("message_changed"),
  channel: Id,
  channel_type: z.string().nullish(),
  message: Said.extend({ edited: z.object({ ts: Timestamp }).nullish() }),
  previous_message: z.object({ text: z.string().nullish() }).nullish(),
});
export type ChangedEvent = z.infer<typeof ChangedEvent>;

/** A message read back from a channel, with the block ids by which we recognize our own. */
export const PostedMessage = Said.extend({
  blocks: z.array(z.object({ block_id: z.string().nullish() })).nullish(),
  /** Of the first message of a thread: when its last answer was written. */
  latest_reply: Timestamp.nullish(),
});
export type PostedMessage = z.infer<typeof PostedMessage>;

/** One page of `conversations.history` or `conversations.replies`. */
export const HistoryPage = Paged.extend({ messages: z.array(PostedMessage) });

/** The part of a hint that `resolve` needs to find the message again. */
export const HintData = z.object({
  team: Id,
  channel: Id,
  ts: Timestamp,
  /** The first message of the thread; null in a direct message that is not a thread. */
  thread: Timestamp.nullable(),
  direct: z.boolean(),
});
export type HintData = z.infer<typeof HintData>;

/** Where a reply goes, as `resolve` wrote it into a destination. */
export const Address = z.union([
  z.strictObject({ channel: Id, thread_ts: Timestamp.nullable() }),
  /** A direct message that is opened when the reply is sent. */
  z.strictObject({ dmUser: Id }),
]);
export type Address = z.infer<typeof Address>;

/** `users.info`. Flags may be missing, so they are read as "refuse when true". */
export const UserAnswer = z.object({
  user: z.object({
    id: Id,
    team_id: z.string().nullish(),
    name: z.string().nullish(),
    real_name: z.string().nullish(),
    deleted: z.boolean().nullish(),
    is_bot: z.boolean().nullish(),
    is_restricted: z.boolean().nullish(),
    is_ultra_restricted: z.boolean().nullish(),
    is_stranger: z.boolean().nullish(),
    /** The Enterprise organisation, if there is one, and the workspaces of it that the person is in. */
    enterprise_user: z
      .object({ enterprise_id: z.string().nullish(), teams: z.array(z.string()).nullish() })
      .nullish(),
    profile: z
      .object({
        display_name: z.string().nullish(),
        real_name: z.string().nullish(),
        email: z.string().nullish(),
      })
      .nullish(),
  }),
});
export type SlackUser = z.infer<typeof UserAnswer>["user"];

/** `usergroups.users.list`. */
export const GroupAnswer = z.object({ users: z.array(z.string()) });

/** `conversations.info`. */
export const ChannelAnswer = z.object({
  channel: z.object({
    name: z.string().nullish(),
    is_ext_shared: z.boolean().nullish(),
    is_pending_ext_shared: z.boolean().nullish(),
    is_shared: z.boolean().nullish(),
    is_member: z.boolean().nullish(),
    is_archived: z.boolean().nullish(),
  }),
});

/** `auth.test`. */
export const SelfAnswer = z.object({
  /** The workspace's own address, with a slash at its end. */
  url: z.string().nullish(),
  user_id: Id,
  bot_id: z.string().nullish(),
  team_id: Id,
  enterprise_id: z.string().nullish(),
});

/** `chat.postMessage`. */
export const PostAnswer = z.object({ channel: Id, ts: Timestamp });

/** `conversations.open`. */
export const OpenAnswer = z.object({ channel: z.object({ id: Id }) });

/** `views.open`. */
export const ViewAnswer = z.object({ view: z.object({ id: Id }) });

/** A person opened the app's page; only its Home tab is ours. */
export const HomeOpened = z.object({
  type: z.literal("event_callback"),
  team_id: z.string().nullish(),
  event: z.object({
    type: z.literal("app_home_opened"),
    user: Id,
    tab: z.string().nullish(),
  }),
});

/** A deleted message. */
export const MessageDeleted = z.object({
  type: z.literal("event_callback"),
  event: z.object({
    type: z.literal("message"),
    subtype: z.literal("message_deleted"),
    channel: Id,
    deleted_ts: Timestamp,
  }),
});

/** A slash command, whose fields come as a form. */
export const SlashCommand = z.object({
  command: z.string(),
  text: z.string().max(10_000).default(""),
  user_id: Id,
  user_name: z.string().nullish(),
  team_id: z.string().nullish(),
  channel_id: z.string().nullish(),
  trigger_id: z.string().nullish(),
  response_url: z.string().nullish(),
});

const Person = z.object({
  id: Id,
  name: z.string().nullish(),
  username: z.string().nullish(),
  team_id: z.string().nullish(),
});

const Team = z.object({ id: z.string() }).nullish();

const MessageElement = z.looseObject({
  action_id: z.string().optional(),
  value: z.string().optional(),
});

/** A block of a posted message, of which only its buttons are looked at. */
export const MessageBlock = z.looseObject({
  type: z.string(),
  block_id: z.string().optional(),
  elements: z.array(MessageElement).optional(),
  accessory: MessageElement.optional(),
});
export type MessageBlock = z.infer<typeof MessageBlock>;

/** A click on a button of a message. */
export const BlockActions = z.object({
  type: z.literal("block_actions"),
  user: Person,
  team: Team,
  trigger_id: z.string().nullish(),
  channel: z.object({ id: Id }).nullish(),
  /** The message as it stands, whose blocks are shown again with what changed. */
  message: z
    .object({
      ts: Timestamp,
      text: z.string().nullish(),
      blocks: z.array(MessageBlock).max(100).nullish(),
    })
    .nullish(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        value: z.string().nullish(),
        selected_option: z.object({ value: z.string() }).nullish(),
        action_ts: z.string().nullish(),
      }),
    )
    .min(1),
});
export type BlockActions = z.infer<typeof BlockActions>;

const InputState = z.object({
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
});

/** A submitted modal: what was typed, and the blocks it started from. */
export const ViewSubmission = z.object({
  type: z.literal("view_submission"),
  user: Person,
  team: Team,
  trigger_id: z.string().nullish(),
  view: z.object({
    id: Id,
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), InputState)) }),
    blocks: z.array(
      z.object({
        type: z.string(),
        block_id: z.string().nullish(),
        element: z
          .object({ action_id: z.string().nullish(), initial_value: z.string().nullish() })
          .nullish(),
      }),
    ),
  }),
});
export type ViewSubmission = z.infer<typeof ViewSubmission>;

/** What a form remembers until it is submitted. Never the draft or the amount: those are read from the row again. */
export const FormNote = z.object({
  approvalId: z.string().min(1),
  version: z.int().min(1),
  /** The card's channel, for the answer to the person who submits. */
  channel: z.string(),
  /** The separators between the parts of a long text; one less than there are parts. */
  joints: z.array(z.enum(["\n", " ", ""])),
});
export type FormNote = z.infer<typeof FormNote>;

/** The arguments of the desk's operation `alert`. */
export const AlertArguments = z.strictObject({
  text: z.string().min(1).max(10_000),
  /** E-mail addresses of the people to mention. */
  people: z.array(z.string()).max(20),
  /** Added when the alert is posted; never in what the ledger keeps. */
  case: AlertedCase.optional(),
  /** What was set aside as junk, for the alert that lists it; added in the same way. */
  junk: z.array(AlertedJunk).max(500).optional(),
});
export type AlertArguments = z.infer<typeof AlertArguments>;
