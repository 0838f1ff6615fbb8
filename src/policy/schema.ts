/** The schema of `deskhand.policy.yaml`. */
import { z } from "zod";
import { DelicateTopic } from "#core/contracts/guard.ts";
import { IdentityLevel } from "#core/values/identity.ts";
import { ChannelName, Role } from "#core/values/vocabulary.ts";
import { Autonomy, Verify } from "#core/contracts/policy.ts";
import { ClosedText, CustomerText, LanguageEntry } from "#policy/frames/words.ts";

/** A problem in the file, with its path. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

/** The only format version this code reads. */
const FORMAT_VERSION = 1;

/** Keys of earlier versions that nothing reads any more. A file may still have them, and `policy check` says so. */
export const RETIRED_KEYS: readonly string[] = ["escalation_groups"];

/** Amounts are typed in major units; they become minor units once the currency is known. */
const Amount = z.number().min(0).max(1_000_000);

/** Part of rule ids such as `refund.small`, so limited to what reads well in a sentence. */
const Name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,40}$/, "must be small letters, digits and underscores");

const Sentence = z.string().trim().min(5).max(300);

/** The name of a brand, as channels give it. */
const Brand = z.string().trim().min(1).max(100);

/** The prefix of a desk group where roles are given. */
export const GROUP = "group:";

/**
 * An e-mail address or a user id of a desk; compared without case. People who are to be notified are named this way.
 */
const Person = z
  .string()
  .trim()
  .min(2)
  .max(200)
  .regex(/^(?!group:)/i, "is a group; name people here, because notifications go to people");

/** A person, or all members of a group kept on the desk. A handle or another spelling would never match. */
const Holder = z
  .string()
  .trim()
  .regex(
    /^(?:group:[A-Za-z0-9]{2,60}|(?!@|S[A-Z0-9]{7,}$)[^\s:^<>]{2,200})$/,
    "must be an address, an id of a person, or group: and the id of a group, such as group:S0123ABC",
  );

/** Who has to approve under a rule. */
const ApproversEntry = z.strictObject({
  count: z.int().min(0).max(5),
  leads: z.int().min(0).max(5),
  four_eyes: z.boolean().optional(),
});

/** The most a person with a role may approve, by operation. */
const RoleLimits = z.record(
  z.string().regex(/^[a-z][a-z_]{1,40}$/, "must be the name of an operation"),
  z.strictObject({ up_to: Amount }),
);

/**
 * One rule. All its conditions must hold; a condition about something unknown (no order, no amount) does not hold. The
 * first rule that matches decides.
 */
const RuleEntry = z.strictObject({
  name: Name,
  verdict: z.enum(["allow", "ask", "deny"]),
  up_to: Amount.optional(),
  above: Amount.optional(),
  within_days: z.int().min(0).max(3_650).optional(),
  after_days: z.int().min(0).max(3_650).optional(),
  delivered: z.boolean().optional(),
  before_shipping: z.literal(true).optional(),
  level: IdentityLevel.optional(),
  approvers: ApproversEntry.optional(),
  limits: z.array(Name).min(1).max(6).optional(),
  reason: Sentence,
});
export type RuleEntry = z.infer<typeof RuleEntry>;

const OperationEntry = z.strictObject({
  level: IdentityLevel.default(2),
  /**
   * Whether an action is only allowed without a person when the customer asked for it in their own words, with values
   * from records.
   */
  own_words: z.enum(["required", "not_needed"]).default("required"),
  /** Whether a rule may allow what is asked for in a mail whose sender only two witnesses prove; `ask` when left out. */
  two_witnesses: z.enum(["ask", "enough"]).exactOptional(),
  rules: z.array(RuleEntry).min(1).max(30),
});
export type OperationEntry = z.infer<typeof OperationEntry>;

/** Counts only what policy approved: a person's approval was a check of its own and uses up nothing. */
const LimitEntry = z
  .strictObject({
    scope: z.enum(["customer", "all"]),
    days: z.int().min(1).max(3_650),
    count_max: z.int().min(0).max(1_000_000).optional(),
    sum_max: Amount.optional(),
    // The only choice: a refusal here would make a larger amount, which no limit covers, the better request.
    over: z.literal("ask"),
  })
  .refine((limit) => limit.count_max !== undefined || limit.sum_max !== undefined, {
    error: "needs count_max, sum_max or both",
  });

const HOURS = /^(?:closed|always|\d\d:\d\d-\d\d:\d\d(?:, ?\d\d:\d\d-\d\d:\d\d)*)$/;
const DayHours = z.string().regex(HOURS, 'must be "09:00-17:00", "closed" or "always"');

/** The opening hours of each day of a week. */
export const WeekHours = z.strictObject({
  monday: DayHours,
  tuesday: DayHours,
  wednesday: DayHours,
  thursday: DayHours,
  friday: DayHours,
  saturday: DayHours,
  sunday: DayHours,
});

const Open = z.union([z.literal("always"), WeekHours]);

/** People who are on duty at the same hours: a team, a country, the night line. */
const DutyEntry = z.strictObject({
  name: Name,
  people: z.array(Person).min(1).max(200),
  /** Defaults to the calendar's own opening hours. */
  open: Open.optional(),
});

const CalendarEntry = z.strictObject({
  zone: z.string().refine(isZone, { error: "is no time zone, such as UTC or Europe/Berlin" }),
  /** The language in which the next opening is written in texts.closed, so that it suits the sentence around it. */
  language: z
    .string()
    .refine(isLanguage, { error: "is no language code such as en or de" })
    .default("en"),
  open: Open,
  holidays: z.array(z.iso.date()).max(400),
  duty: z.array(DutyEntry).min(1).max(50),
  fallback_lead: Person,
});
export type CalendarEntry = z.infer<typeof CalendarEntry>;

const Language = z.string().regex(/^[a-z]{2}$/, "must be a code of two letters such as en or de");

/** One channel for cards. All conditions must hold, and the first route that matches decides. */
const RouteEntry = z.strictObject({
  name: Name,
  place: z.string().trim().min(1).max(80),
  topics: z.array(Name).min(1).max(100).optional(),
  channels: z.array(ChannelName).min(1).optional(),
  brands: z.array(Brand).min(1).max(100).optional(),
  languages: z.array(Language).min(1).max(100).optional(),
  above: Amount.optional(),
});
export type RouteEntry = z.infer<typeof RouteEntry>;

/** Who gets reports, and when; the leads are those of the roles. */
const DigestEntry = z.strictObject({
  daily: z.boolean().default(true),
  weekly: z.boolean().default(true),
  /** A time of day instead of the first opening. */
  at: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as "08:30"')
    .nullable()
    .default(null),
  /** Where the weekly report is posted; null means where alerts go. */
  weekly_place: z.string().trim().min(1).max(80).nullable().default(null),
});

/** What cards show, and which messages need none. */
const CardsEntry = z.strictObject({
  /** False keeps customers' names off lock screens: a notification then says item and topic. */
  names_in_notifications: z.boolean().default(true),
  /** A message that only says thanks ends without a card. */
  thanks_without_card: z.boolean().default(true),
});

const AutonomyEntry = z.strictObject({
  default: Autonomy,
  topics: z.record(Name, Autonomy).default({}),
});

const Address = z.enum(["formal", "familiar"]);

/** The text around every answer, and the tone of the answer itself. */
const LetterForm = z.strictObject({
  /** `{name}` is replaced by the first name in the shop's record; empty for no greeting. */
  greeting: z.string().max(200),
  greeting_without_name: z.string().max(200),
  signature: z.string().max(1_000),
  automatic_line: z.string().trim().min(5).max(300),
  /** Instructions on tone for the model. */
  tone: z.string().trim().max(1_000).default(""),
  /** Whether customers are addressed as Sie or du, vous or tu; left out for the shipped words, which are formal. */
  address: Address.exactOptional(),
  /** Phrases that never go out without a person. */
  forbidden: z.array(z.string().trim().min(2).max(100)).max(500).default([]),
});
export type LetterForm = z.infer<typeof LetterForm>;

/** What a brand says differently; for what it leaves out the channel's text is used. */
const BrandEntry = z.strictObject({
  greeting: LetterForm.shape.greeting.exactOptional(),
  greeting_without_name: LetterForm.shape.greeting_without_name.exactOptional(),
  signature: LetterForm.shape.signature.exactOptional(),
  automatic_line: LetterForm.shape.automatic_line.exactOptional(),
  tone: z.string().trim().max(1_000).exactOptional(),
  address: Address.exactOptional(),
  /** In addition to the channel's own, so that a brand can only be stricter. */
  forbidden: z.array(z.string().trim().min(2).max(100)).max(500).optional(),
});

const VoiceEntry = LetterForm.extend({ brands: z.record(Brand, BrandEntry).default({}) });
export type VoiceEntry = z.infer<typeof VoiceEntry>;

/** The most the model may use. Every call counts, whatever its outcome. */
const CapEntry = z.strictObject({
  steps: z.int().min(1).max(10_000_000),
  output_tokens: z.int().min(100).max(1_000_000_000),
  usd: z.number().min(0).max(1_000_000),
  seconds: z.number().min(1).max(10_000_000),
});
export type CapEntry = z.infer<typeof CapEntry>;

/** Every channel is named, so that no setting depends on a hidden default. */
function perChannel<Value extends z.ZodType>(value: Value) {
  return z.record(ChannelName, value);
}

/** What the input guard is told to take for harmless. */
const GuardEntry = z.strictObject({
  /** Words of your own trade that the guard took for an attack. */
  harmless_phrases: z.array(z.string().trim().min(5).max(200)).max(200).default([]),
  /** Addresses or "@domain" endings. */
  trusted_senders: z
    .array(
      z
        .string()
        .trim()
        .max(200)
        .regex(/^[^@\s]*@[^@\s]+$/, 'must be an address or "@domain"'),
    )
    .max(1_000)
    .default([]),
});

/**
 * The whole of `deskhand.policy.yaml`. Strict everywhere: a misspelt key is an error, never a rule that silently does
 * not exist.
 */
export const PolicyDocument = z.strictObject({
  /** The version of the format, not of the file's content: a later Deskhand may read files differently. */
  version: z.literal(FORMAT_VERSION, {
    error: `this Deskhand reads files of version ${FORMAT_VERSION}; the file has to say so as version: ${FORMAT_VERSION}`,
  }),
  currency: z.string().regex(/^[A-Z]{3}$/, "must be an ISO 4217 code such as USD"),
  unshipped_statuses: z.array(z.string().min(1)).min(1).max(50),
  operations: z.record(
    z.string().regex(/^[a-z][a-z_]{1,40}$/, "must be the name of an operation"),
    OperationEntry,
  ),
  limits: z.record(Name, LimitEntry).default({}),
  autonomy: perChannel(AutonomyEntry),
  /** When a second model reads drafts against their sources, by channel. */
  verify: perChannel(Verify).default({
    email: "unasked",
    zendesk: "unasked",
    slack: "unasked",
    chat: "unasked",
  }),
  approvals: z.strictObject({
    expire_after_opening_hours: z.number().min(0.05).max(500),
    remind_after_opening_hours: z.number().min(0.01).max(500),
    handover_remind_after_opening_hours: z.number().min(0.01).max(500),
    undo_seconds: z.number().min(0).max(3_600),
  }),
  roles: z.strictObject({
    support: z.array(Holder).max(1_000),
    lead: z.array(Holder).min(1).max(1_000),
  }),
  /** A role that is not named here has no limit. */
  role_limits: z.partialRecord(Role, RoleLimits).default({}),
  calendar: CalendarEntry,
  /** Empty when every card goes to the desk's default channel. */
  routing: z.array(RouteEntry).max(100).default([]),
  /** Languages the team reads; cards in other languages get a translation into the first. Empty for none. */
  team_languages: z.array(Language).max(20).default([]),
  cards: CardsEntry.prefault({}),
  digest: DigestEntry.prefault({}),
  /** What alerts show of the customer besides name and subject. */
  alerts: z.strictObject({ customer_words: z.boolean().default(true) }).prefault({}),
  /** Whether a stranger's phishing or cold sales mail is set aside and listed once a day. */
  junk: z.strictObject({ set_aside: z.boolean().default(true) }).prefault({}),
  /** Without default, so that a file that does not name it stays the policy it was. */
  mail: z
    .strictObject({
      keep_cc: z.boolean().exactOptional(),
      reference_line: z.boolean().exactOptional(),
    })
    .exactOptional(),
  /** How long an answered conversation must be quiet, on every channel of that customer, to count as solved. */
  resolution: z.strictObject({ quiet_days: z.number().min(0.01).max(90).default(7) }).prefault({}),
  guard: GuardEntry.prefault({}),
  delicate: z.strictObject({
    group: z.enum(["tier2", "sensitive"]),
    page: z.array(Person).min(1).max(50),
    holding_text: CustomerText,
    /** Your own phrases in addition to what is learnt. */
    extra_words: z
      .partialRecord(DelicateTopic.exclude(["vip"]), z.array(z.string().min(3).max(100)).max(500))
      .default({}),
    vip: z.array(z.string().min(3).max(200)).max(10_000).default([]),
  }),
  texts: z.strictObject({
    handover: CustomerText,
    unavailable: CustomerText,
    pending: CustomerText,
    paused: CustomerText.default(
      "Your answer takes longer than usual right now. You will find it here.",
    ),
    answered_privately: CustomerText,
    closed: ClosedText,
  }),
  /** All of the words around answers in languages besides the built-in ones, or instead of theirs. */
  languages: z.record(Language, LanguageEntry).optional(),
  link_hosts: z
    .array(z.string().regex(/^[a-z0-9.-]+(?::\d{1,5})?$/, "must be a host name alone"))
    .max(200),
  /** Mail addresses, telephone numbers and accounts that replies may name without a person. */
  contacts: z
    .array(
      z
        .string()
        .trim()
        .min(3)
        .max(200)
        .regex(/[@\d:]/, "must be a mail address, a telephone number or an account"),
    )
    .max(200)
    .default([]),
  caps: z.strictObject({
    turn: CapEntry,
    conversation: CapEntry,
    day: CapEntry,
    confidence: z.number().min(0).max(1),
    /** The same for an answer that rests on help pages alone, where that is to be surer. */
    pages: z.number().min(0).max(1).optional(),
    /** Questions back in a row; the next unclear message goes to people. */
    questions: z.int().min(0).max(5).default(2),
  }),
  shop_retry_minutes: z.number().min(0).max(1_440),
  chat_messages_per_minute: z.strictObject({
    per_user: z.int().min(1).max(10_000),
    per_address: z.int().min(1).max(100_000),
  }),
  /** The status of a ticket after our reply, or the id of a custom status; left out means `pending`. */
  status_after_reply: z
    .strictObject({
      zendesk: z.union([
        z.enum(["pending", "open", "solved", "unchanged"], {
          error: "must be pending, open, solved, unchanged or the id of a custom status",
        }),
        z.int().positive(),
      ]),
    })
    .optional(),
  quiet_ms: perChannel(z.int().min(0).max(60_000)),
  voice: perChannel(VoiceEntry),
  writes_per_ten_minutes: perChannel(z.int().min(1).max(1_000)).default({
    email: 20,
    zendesk: 5,
    slack: 60,
    chat: 60,
  }),
});
export type PolicyDocument = z.infer<typeof PolicyDocument>;

function isLanguage(code: string): boolean {
  return /^[a-z]{2}$/.test(code) && Intl.DateTimeFormat.supportedLocalesOf(code).length === 1;
}

/** Whether this is the IANA name of a time zone. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== "";
  } catch {
    return false;
  }
}
