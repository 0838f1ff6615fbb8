/** The rules of the input guard: phrases, and imitated marks of a prompt, that each find an attack nothing else finds. */
import { labelled, type Phrase, phraseMatcher } from "#text/phrase-matcher.ts";

/** What a rule reports: `block` for what no customer writes, `caution` for what honest ones do, be it to tell of it. */
export interface Suspicion {
  readonly tier: "caution" | "block";
  /** As text, for card and trace. */
  readonly reason: string;
}

const OVERRIDE = "ignore|disregard|forget|override|overrule|bypass|discard|neglect|dismiss";
const ORDERS = "instructions|instruction|directives|directive|prompt|prompts|programming";
const RULES =
  "rules|guidelines|guideline|policy|policies|training|restrictions|limitations|constraints";
const BEFORE = "previous|prior|above|earlier|preceding|former|existing|original|initial|foregoing";
const TELL =
  "reveal|show|print|repeat|output|display|tell|give|leak|dump|expose|share|recite|write|summarise|summarize|translate|list|send|quote|disclose|paste|copy|spell";
const PERSONAS =
  "dan|jailbroken|unrestricted|unfiltered|uncensored|unbound|evil|aim|stan|dude|developer|admin|administrator|root|superuser";
const MACHINE = "ai|assistant|bot|chatbot|llm|model|copilot";

// Customers may take back their own earlier text: "please ignore my previous message".
const MINE = "my|mine|our|i|we|me|he|she|his|her|their";
const SUBJECT_OR_NEGATION = "you|they|he|she|who|not|don't|didn't|never|people|drivers|couriers|it";
const OF_A_PRODUCT =
  "return|returns|shipping|assembly|refund|delivery|care|washing|setup|installation|manual|pdf|box|leaflet";

const override: Suspicion = {
  tier: "caution",
  reason: "tells the assistant to drop its instructions",
};
const task: Suspicion = { tier: "caution", reason: "gives the assistant another task" };
const persona: Suspicion = { tier: "caution", reason: "gives the assistant another role" };
const extraction: Suspicion = {
  tier: "caution",
  reason: "asks for the assistant's own instructions",
};
const approval: Suspicion = { tier: "caution", reason: "claims an approval or wants none asked" };
const addressed: Suspicion = { tier: "caution", reason: "speaks to an AI that reads along" };
const others: Suspicion = { tier: "caution", reason: "asks for other people's data" };

/** Phrases, matched within one sentence by `phrase-matcher.ts`. */
export const ATTACK_PHRASES: readonly Phrase<Suspicion>[] = [
  // Dropping the instructions.
  ...labelled(override, [
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~3 ${BEFORE} ~3 ${ORDERS} -${MINE}|${OF_A_PRODUCT} !i|we`,
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~2 all|any|every|your|these|those|system ~3 ${ORDERS} -${MINE}|${OF_A_PRODUCT} !i|we|in|on|from`,
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~1 everything|all ~3 above|before|told|programmed|trained -${MINE}`,
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~2 text|words|messages|content|context ~2 above|before|preceding -${MINE}`,
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~2 all|any|every|your|the|these|those ~3 ${RULES} -${MINE}|${OF_A_PRODUCT}`,
  ]),
  // Another task.
  ...labelled(task, [
    "repeat after me",
    "in this game you",
    "call|invoke ~3 tool|function with",
    "stop acting ~1 as|like",
    `${TELL} ~2 secret|hidden passphrase|password|code|key|token`,
  ]),
  // Another role.
  ...labelled(persona, [
    "do anything now",
    `act|pretend|behave|roleplay|respond|answer ~3 as|be|like ~3 ${PERSONAS}`,
    `stop being ~2 ${MACHINE}|agent|support`,
  ]),
  // Asking for the instructions, the prompt, or the mark in it.
  ...labelled(extraction, [
    `${TELL} ~4 system|hidden|initial|secret|developer|original|entire|full|internal ~1 prompt|prompts`,
    "repeat|print|output|copy|recite ~2 everything|text|words|all ~2 above|before|preceding",
    `${TELL} ~3 canary`,
  ]),
  // Approvals that were never given.
  ...labelled(approval, [
    "approved|authorised|authorized|preapproved by ~2 manager|supervisor|admin|administrator|lead|management|system|policy",
    "manager|supervisor|lead|management ~2 approved|authorised|authorized",
    "without ~1 approval|review|confirmation|verification",
    "skip|bypass ~3 approval|verification|review|authentication",
  ]),
  // Text meant for a machine.
  ...labelled(addressed, [
    "execute|run ~3 command|commands|code ~3 inside|attached|below|following",
    "next tool|function call",
  ]),
  // Data no customer may have.
  ...labelled(others, ["customer|customers|user|users list|database|records|table"]),
];

/** The phrases in a normalised text. None blocks alone: mails tell of attacks in their words. */
export const attackPhrases = phraseMatcher(ATTACK_PHRASES);

interface Shape extends Suspicion {
  readonly pattern: RegExp;
}

const shapes = (
  tier: Suspicion["tier"],
  patterns: Readonly<Record<string, RegExp>>,
): readonly Shape[] =>
  Object.entries(patterns).map(([reason, pattern]) => ({ tier, reason, pattern }));

/**
 * Marks and wrappers no customer's message contains. Every repetition is bounded and every pattern begins with a fixed
 * character or a line start, so that matching takes linear time.
 */
export const ATTACK_SHAPES: readonly Shape[] = [
  ...shapes("caution", {
    "gives the assistant another task":
      /\byour (?:new|next|real|only) (?:task|instructions?|role|goal|objective) ?(?::|is to\b|are to\b)/,
    "imitates a message of the system": /\bsystem (?:message|notice|update|instruction|command) ?:/,
    "imitates a record of an approval":
      /\b(?:approved|authori[sz]ed) by (?:the |a |our |your )?(?:manager|supervisor|admin|administrator|lead|management|policy|system) ?[:\]]|\bapproval(?: status)? ?[:=] ?(?:granted|approved|true|yes)\b|\[approved\b/,
    "hides text in HTML":
      /<[a-z]{1,10} [^<>]{0,200}(?:display ?: ?none|visibility ?: ?hidden|font-size ?: ?0|opacity ?: ?0)/,
    // Small capitals, letters in dark circles and squares, upside down, in Braille, of flags, or all of them under marks.
    "is written in letters of other forms":
      /(?:[\u1d00-\u1d22\ua730\ua731\ua7af\u0299\u0262\u029c\u026a\u0274\u028f\u{1f150}-\u{1f189}ɐɔǝɟƃɥɾʞɯɹʇʌʍʎ\u2801-\u28ff][^\n]{0,3}){6}|(?:[\u{1f1e6}-\u{1f1ff}] ){6}|(?:\p{Script=Latin}\p{Mn}{1,9} ?){6}/u,
  }),
  ...shapes("block", {
    "imitates the marks around messages of the model":
      /<\/?(?:system|assistant|developer|user_message|tool_call|tool_result|function_call)\b[^<>]{0,80}>|<\|[a-z_]{2,30}\|>|\[\/?inst\]|<<\/?sys>>/,
    "imitates a message of the system or of a tool":
      /"role" {0,3}: {0,3}"(?:system|assistant|developer|tool)"|"(?:tool_calls?|function_call)" {0,3}:/,
    "imitates the end of untrusted text":
      /<<(?:data|end) [0-9a-z_-]{4,80}|(?:<<|\[\[|---|===|###) ?\/?(?:end|begin|start|stop)[ _-](?:of[ _-])?(?:the[ _-])?(?:untrusted|user|customer|data|input|context|prompt|instructions?|system)\b/,
  }),
];
