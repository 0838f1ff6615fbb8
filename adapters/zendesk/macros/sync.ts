/**
 * Room: reads the account's shared macros as passages for answers.
 * In: the list of macros, as the bot's own agent sees it.
 * Out: a page for each usable macro, and the reason for each macro that is left out.
 * May touch: `GET /macros`. It never applies a macro to a ticket.
 */
import { z } from "zod";
import type { PassageSource, SourcePage } from "#core/contracts/knowledge.ts";
import { zendeskClient } from "#zendesk/api/client.ts";
import { zendeskLimiter } from "#zendesk/api/rate-limit.ts";
import { renderComment } from "./render.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";

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

const Macros = z
  .object({
    macros: z.array(Macro),
    meta: z.object({ has_more: z.boolean(), after_cursor: z.string().nullish() }),
  })
  .transform(({ macros, meta }) => ({
    rows: macros,
    meta: { has_more: meta.has_more, after_cursor: meta.after_cursor ?? null },
  }));

/**
 * The account's shared macros as passages: the team's prepared answers, without what a macro does to a ticket. They are
 * read as the bot's own agent, who sees the macros shared with all agents.
 */
export function zendeskMacros(
  options: Pick<
    ZendeskOptions,
    "url" | "writerToken" | "timeoutMs" | "clock" | "allowances" | "callsPerMinute"
  >,
): PassageSource {
  const { url, writerToken: token, timeoutMs = 15_000, clock } = options;
  const limiter = zendeskLimiter(options);
  const client = zendeskClient({ url, token, timeoutMs, clock, limiter, waitMsMax: WAIT_MS });
  return {
    name: "zendesk-macros",
    async read(signal) {
      const macros = await client.list(["macros"], Macros, signal, { active: true });
      const active = macros.filter((macro) => macro.active);
      const taken = active.map((macro) => ({ macro, outcome: pageOf(macro) }));
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
function pageOf(macro: Macro): SourcePage | string {
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
  const comment = commentOf(actions);
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
function commentOf(
  actions: Macro["actions"],
): { readonly text: string; readonly isHtml: boolean } | null {
  const variants = actions
    .filter(({ field }) => field === "comment_value" || field === "comment_value_html")
    .flatMap(({ field, value }) =>
      variantsOf(value).map(({ channel, text }) => ({
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

/** A value that is no text for a channel gives no variants. */
function variantsOf(
  value: unknown,
): readonly { readonly channel: string; readonly text: string }[] {
  const parsed = CommentValue.safeParse(value);
  return parsed.success ? parsed.data : [];
}
