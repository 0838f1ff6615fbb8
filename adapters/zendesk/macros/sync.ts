/**
 * Room: reads the account's shared macros as passages for answers.
 * In: the list of macros, as the bot's own agent sees it.
 * Out: a page for each usable macro, and the reason for each macro that is left out.
 * May touch: `GET /macros`. It never applies a macro to a ticket.
 */

import { z } from "zod";
import type { PassageSource, SourcePage } from "#core/contracts/knowledge.ts";
import { type Ask, zendeskClient } from "#zendesk/api/client.ts";
import type { ReadingOptions } from "#zendesk/options.ts";
import { readCommentHtml } from "#zendesk/read/comment-message.ts";

/** The usable text of a macro's comment, or why there is none. */
export type RenderedMacro =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "left out"; readonly reason: string };

/** A shorter text is a greeting or a "thank you" and cannot support an answer. */
const WORDS_MIN = 5;

const CUSTOMER = "(?:ticket\\.requester|ticket\\.organization\\.requester|user|current_customer)";
const AGENT = "(?:current_user|agent|ticket\\.assignee)";
const NAME = "(?:name|first_name|last_name|firstname|lastname)";
/** Filters such as `| default: "there"` may follow a name. */
const FILTER = "\\s*(?:\\|[^{}\\n]*)?";
const NAME_OF_CUSTOMER = `\\{\\{\\s*${CUSTOMER}\\.${NAME}${FILTER}\\}\\}`;
const NAME_OF_AGENT = `\\{\\{\\s*${AGENT}\\.(?:${NAME}|signature|alias)${FILTER}\\}\\}`;
const TICKET_NUMBER = "\\{\\{\\s*ticket\\.(?:id|encoded_id)\\s*\\}\\}";

const SALUTATION =
  "(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|liebe(?:r|/r)?|sehr geehrte(?:r|/r)?|bonjour|cher|chère|hola|estimad[oa])";
/** "Hi there Ann," at the beginning of a text, with or without the rest of the paragraph. */
const GREETING = new RegExp(
  `^${SALUTATION}\\b[ \\t]*(?:(?:mr|mrs|ms|there|frau|herr)\\.?[ \\t]+)?(?:${NAME_OF_CUSTOMER}[ \\t]*){1,2}[,.!:;–—-]*\\s*`,
  "i",
);
/** "Hello," alone on the first line needs no name to be a greeting. */
const BARE_GREETING = new RegExp(`^${SALUTATION}(?: there)?[ \\t]*[,.!:]?[ \\t]*\\n\\s*`, "i");
/** "Thank you, Ann!" says the same without the name. */
const DIRECT_ADDRESS = new RegExp(`,[ \\t]*${NAME_OF_CUSTOMER}(?=[ \\t]*[,.!?])`, "gi");
/** "My name is Dana and …" up to the end of the sentence. */
const INTRODUCTION = new RegExp(
  `(?:^|(?<=[.!?]\\s)|(?<=\\n))(?:my name is|i am|i'm|i’m|this is|mein name ist|ich bin)[ \\t]+${NAME_OF_AGENT}(?![^.!?\\n]{0,300}\\{\\{)[^.!?\\n]{0,300}(?:[.!?]+|(?=\\n)|$)[ \\t]*`,
  "gi",
);
/** "(#123)" and "#123"; removing a bare number would leave a gap in the sentence. */
const TICKET_REFERENCE = new RegExp(
  `[ \\t]*(?:\\([^()\\n{}]{0,40}#?${TICKET_NUMBER}\\)|#[ \\t]?${TICKET_NUMBER})`,
  "gi",
);
const REGARDS =
  /^(?:(?:with )?(?:kind|kindest|best|warm|warmest) (?:regards|wishes)|regards|best|cheers|thanks|thank you|many thanks|sincerely|yours(?: sincerely| truly)?|all the best|(?:mit )?(?:freundliche[nr]?|viele[n]?|beste[n]?|liebe) grü(?:ß|ss)en?|cordialement|saludos)[ \t]*[,.!]?$/i;
const AGENT_LINE = new RegExp(`^[-–— \\t]*(?:${NAME_OF_AGENT}[ \\t,|]*)+$`, "i");
/** Dynamic content whose name marks it as a greeting or sign-off. */
const FRAME_LINE =
  /^\{\{\s*dc\.[\w-]*(?:greet|salut|hello|sign|closing|regards|footer)[\w-]*\s*\}\}[,.!]?$/i;
/** "Use the code THANKS20": a code given to one customer is not for others. */
const VOUCHER_CODE =
  /\b(?:code|voucher|coupon|gutschein(?:code)?|promo)\b[^\n]{0,60}?(?<![\p{L}\p{N}-])(?=[\p{Lu}\p{N}-]*\p{Lu})[\p{Lu}\p{N}][\p{Lu}\p{N}-]{4,}(?![\p{L}\p{N}])/u;
const VOUCHER_WORD = /code|voucher|coupon|gutschein|promo/gi;
const PLACEHOLDER = /\{\{-?\s*([^{}|]{0,80}?)\s*(?:\||-?\}\}|$)/;

/**
 * The text of a macro's comment without greeting, names and sign-off. A placeholder that cannot be removed without
 * changing the meaning ("Supported placeholders" in Zendesk's help) excludes the whole macro, because a sentence with a
 * gap may say something else.
 */
export function renderComment(comment: {
  readonly text: string;
  readonly isHtml: boolean;
}): RenderedMacro {
  const plain = comment.isHtml
    ? readCommentHtml(comment.text, { withAddresses: true }).text
    : comment.text.replaceAll(/\r\n?/g, "\n");
  if (/\{%/.test(plain)) return leftOut("conditions inside the text");
  // Runs of spaces mean nothing here, and the patterns below stay cheap without them.
  const text = withoutSignOff(withoutGreeting(plain.replaceAll(/[ \t]{2,}/g, " ").trim()))
    .replaceAll(INTRODUCTION, "")
    .replaceAll(DIRECT_ADDRESS, "")
    .replaceAll(TICKET_REFERENCE, "")
    .replaceAll(/(?<![ \t])[ \t]+$/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
  const placeholder = /\{\{|\}\}/.test(text) ? (PLACEHOLDER.exec(text)?.[1] ?? "") : null;
  if (placeholder !== null) return leftOut(`the placeholder ${placeholder || "without a name"}`);
  if (VOUCHER_CODE.test(text.replaceAll(VOUCHER_WORD, (word) => word.toLowerCase())))
    return leftOut("a code for one customer");
  if (text.split(/\s+/).length < WORDS_MIN) return leftOut("a text of a few words");
  return { kind: "text", text: text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase()) };
}

function leftOut(reason: string): RenderedMacro {
  return { kind: "left out", reason };
}

function withoutGreeting(text: string): string {
  const [first = ""] = text.split("\n", 1);
  if (FRAME_LINE.test(first.trim())) return text.slice(first.length).trimStart();
  return text.replace(GREETING, "").replace(BARE_GREETING, "");
}

/** Takes lines from the end as long as they are an agent's name, a signature or regards. */
function withoutSignOff(text: string): string {
  const lines = text.split("\n");
  for (let last = lines.at(-1); last !== undefined; last = lines.at(-1)) {
    const line = last.trim();
    const isFrame = AGENT_LINE.test(line) || FRAME_LINE.test(line) || REGARDS.test(line);
    if (line !== "" && !isFrame) break;
    lines.pop();
  }
  return lines.join("\n");
}

/** Titles appear in cards and answers; longer ones are cut. */
const TITLE_CHARACTERS_MAX = 200;

/** No customer waits for macros, so reading them may wait long for room in the limits. */
const WAIT_MS = 30_000;

/** What an action sets is text, a list, or something only that kind of action knows. */
const Macro = z.object({
  id: z.int().positive(),
  title: z.string(),
  active: z.boolean(),
  updated_at: z.iso.datetime({ offset: true }),
  actions: z.array(z.object({ field: z.string(), value: z.unknown() })),
  restriction: z.object({ type: z.string().nullish() }).nullish(),
});
type Macro = z.infer<typeof Macro>;

/**
 * The account's shared macros as passages: the team's prepared answers, without what a macro does to a ticket. They are
 * read as the bot's own agent, who sees the macros shared with all agents.
 */
export function zendeskMacros(options: ReadingOptions): PassageSource {
  const client = zendeskClient({ ...options, token: options.writerToken, waitMsMax: WAIT_MS });
  return {
    name: "zendesk-macros",
    async read(signal) {
      const ask: Ask = (account) => account.macros.listByParams({ active: true });
      const macros = await client.list(ask, Macro, signal);
      const active = macros.filter((macro) => macro.active);
      const taken = active.map((macro) => ({ macro, outcome: macroPage(macro) }));
      return {
        pages: taken.flatMap(({ outcome }) => (typeof outcome === "string" ? [] : [outcome])),
        leftOut: taken.flatMap(({ macro: { id, title }, outcome }) =>
          typeof outcome === "string" ? [{ id: String(id), title, reason: outcome }] : [],
        ),
      };
    },
  };
}

/** The page a macro makes, or why it makes none. */
function macroPage(macro: Macro): SourcePage | string {
  const { id, restriction, actions, updated_at: updated } = macro;
  const title = macro.title
    .replaceAll(/(?:(?<!\s)\s+)?::\s*/g, ": ")
    .trim()
    .slice(0, TITLE_CHARACTERS_MAX);
  if (restriction)
    return restriction.type === "User" ? "of one person alone" : "of some groups alone";
  if (title.includes("{{")) return "a placeholder in its title";
  if (actions.some(({ field, value }) => field === IS_PUBLIC_FIELD && String(value) === "false"))
    return "an internal note";
  const comment = macroComment(actions);
  if (comment === null) return "no words for customers";
  const rendered = renderComment(comment);
  if (rendered.kind === "left out") return rendered.reason;
  return { id: String(id), title, updated: updated.slice(0, 10), text: rendered.text };
}

/** With "false" the comment is for the team ("Actions reference" in Zendesk's documentation). */
const IS_PUBLIC_FIELD = "comment_mode_is_public";

/** From the widest to the narrowest; text without a channel is for all of them. */
const CHANNELS = ["channel:all", "channel:web", "channel:chat"];

/** Of a macro with text for several channels the widest is used; formatted text comes before plain text. */
function macroComment(
  actions: Macro["actions"],
): { readonly text: string; readonly isHtml: boolean } | null {
  const variants = actions
    .filter(({ field }) => field === "comment_value" || field === "comment_value_html")
    .flatMap(({ field, value }) =>
      // A value that is no text for a channel gives no variants.
      (CommentValue.safeParse(value).data ?? []).map(({ channel, text }) => ({
        text,
        isHtml: field === "comment_value_html",
        rank: CHANNELS.indexOf(channel),
      })),
    )
    .filter(({ text, rank }) => text.trim() !== "" && rank >= 0);
  const [best] = variants.toSorted(
    (one, other) => one.rank - other.rank || Number(other.isHtml) - Number(one.isHtml),
  );
  return best ?? null;
}

const Pair = z.tuple([z.string().startsWith("channel:"), z.string()]);
/** A text for all channels, one for a channel, or several of these. */
const CommentValue = z.union([
  z.string().transform((text) => [{ channel: "channel:all", text }]),
  Pair.transform(([channel, text]) => [{ channel, text }]),
  z.array(Pair).transform((pairs) => pairs.map(([channel, text]) => ({ channel, text }))),
]);
