/** Injection phrases in English. */
import { ATTACKS_ABROAD } from "./injection-rules-other.ts";
import type { Phrase } from "#text/phrase-matcher.ts";
import type { Suspicion } from "./injection-shapes.ts";

const OVERRIDE = "ignore|disregard|forget|override|overrule|bypass|discard|neglect|dismiss";
const ORDERS = "instructions|instruction|directives|directive|prompt|prompts|programming";
const RULES =
  "rules|guidelines|guideline|policy|policies|training|restrictions|limitations|constraints";
const BEFORE = "previous|prior|above|earlier|preceding|former|existing|original|initial|foregoing";
const TELL =
  "reveal|show|print|repeat|output|display|tell|give|leak|dump|expose|share|recite|write|summarise|summarize|translate|list|send|quote|disclose|paste|copy|spell";
const MODES =
  "developer|dan|god|debug|admin|administrator|maintenance|jailbreak|sudo|unrestricted|root";
const PERSONAS =
  "dan|jailbroken|unrestricted|unfiltered|uncensored|unbound|evil|aim|stan|dude|developer|admin|administrator|root|superuser";
const MACHINE = "ai|assistant|bot|chatbot|llm|model|copilot";

// Customers may take back their own earlier text: "please ignore my previous message".
const MINE = "my|mine|our|i|we|me|he|she|his|her|their";
const SUBJECT_OR_NEGATION = "you|they|he|she|who|not|don't|didn't|never|people|drivers|couriers|it";
const OF_A_PRODUCT =
  "return|returns|shipping|assembly|refund|delivery|care|washing|setup|installation|manual|pdf|box|leaflet";

const override: Suspicion = {
  tier: "block",
  reason: "tells the assistant to drop its instructions",
};
const overrideMaybe: Suspicion = { ...override, tier: "caution" };
const taskMaybe: Suspicion = { tier: "caution", reason: "gives the assistant another task" };
const persona: Suspicion = { tier: "block", reason: "gives the assistant another role" };
const personaMaybe: Suspicion = { ...persona, tier: "caution" };
const extraction: Suspicion = {
  tier: "block",
  reason: "asks for the assistant's own instructions",
};
const extractionMaybe: Suspicion = { ...extraction, tier: "caution" };
const approval: Suspicion = { tier: "caution", reason: "claims an approval or wants none asked" };
const addressed: Suspicion = { tier: "caution", reason: "speaks to an AI that reads along" };
const others: Suspicion = { tier: "caution", reason: "asks for other people's data" };

const ABROAD = { instructions: override, role: persona, prompt: extraction };

/** Phrases, matched within one sentence by `phrase-matcher.ts`. */
export const ATTACK_PHRASES: readonly (Phrase & { readonly label: Suspicion })[] = [
  // Dropping the instructions.
  {
    label: override,
    steps: `${OVERRIDE} ~3 ${BEFORE} ~3 ${ORDERS}`,
    without: `${MINE}|${OF_A_PRODUCT}`,
    notAfter: SUBJECT_OR_NEGATION,
    notBefore: "i|we",
  },
  {
    label: override,
    steps: `${OVERRIDE} ~2 all|any|every|your|these|those|system ~3 ${ORDERS}`,
    without: `${MINE}|${OF_A_PRODUCT}`,
    notAfter: SUBJECT_OR_NEGATION,
    notBefore: "i|we|in|on|from",
  },
  {
    label: override,
    steps: `${OVERRIDE} ~3 ${BEFORE} ~3 ${RULES}`,
    without: `${MINE}|${OF_A_PRODUCT}`,
    notAfter: SUBJECT_OR_NEGATION,
  },
  {
    label: overrideMaybe,
    steps: `${OVERRIDE} ~2 all|any|every|your|the|these|those ~3 ${RULES}`,
    without: `${MINE}|${OF_A_PRODUCT}`,
    notAfter: SUBJECT_OR_NEGATION,
  },
  {
    label: override,
    steps: `${OVERRIDE} ~1 everything|all ~3 above|before|told|programmed|trained`,
    without: MINE,
    notAfter: SUBJECT_OR_NEGATION,
  },
  {
    label: override,
    steps: `${OVERRIDE} ~2 text|words|messages|content|context ~2 above|before|preceding`,
    without: MINE,
    notAfter: SUBJECT_OR_NEGATION,
  },
  {
    label: override,
    steps: `${OVERRIDE} ~2 previous|prior|preceding|earlier ~1 text|words|context|conversation|directions|commands`,
    without: MINE,
    notAfter: SUBJECT_OR_NEGATION,
  },
  {
    label: override,
    steps: `not|don't|stop|never|longer ~1 follow|obey|following|obeying|bound ~3 ${BEFORE}|your|any|system ~3 ${ORDERS}|rules|guidelines`,
    without: `${MINE}|${OF_A_PRODUCT}`,
  },
  {
    label: override,
    steps: `your ~2 ${ORDERS}|rules|guidelines ~2 no longer apply|applies|valid|count`,
  },
  {
    label: override,
    steps: `your new instructions|instruction|task|role|goal|objective|directive ~1 is|are|from`,
  },
  {
    label: override,
    steps: `follow|obey ~2 these|my|only ~1 new instructions|directives|commands`,
  },
  {
    label: override,
    steps: `system|security|admin|administrator|safety override`,
    // A setting or a display may be called so.
    notAfter: "mode|message|display|shows|says|screen",
    notBefore: "false|true|call|off|on|is|was|switch|button|mode",
  },
  {
    label: override,
    steps: `disable|deactivate|circumvent|bypass|override ~3 guardrails|guardrail|safeguards|filters|moderation`,
  },
  {
    label: overrideMaybe,
    steps: `new|updated|additional|real instructions ~3 ${MACHINE}|agent|you`,
  },
  { label: overrideMaybe, steps: `from now on ~3 you ~1 must|shall|only|obey|respond|answer|are` },
  {
    label: overrideMaybe,
    steps: `disregard|override ~3 instructions|rules|policy|guidelines`,
    without: `${MINE}|${OF_A_PRODUCT}`,
    notAfter: SUBJECT_OR_NEGATION,
  },

  // Another task.
  {
    label: override,
    steps:
      "message|instruction|instructions|orders from ~1 your creators|creator|developers|developer|programmers",
  },
  { label: taskMaybe, steps: "start|begin|end your answer|reply|response with" },
  { label: taskMaybe, steps: "add|include|insert|append ~4 to|in your answer|reply|response" },
  { label: taskMaybe, steps: "repeat after me" },
  { label: taskMaybe, steps: "in this game you" },
  { label: taskMaybe, steps: "call|invoke ~3 tool|function with" },
  { label: taskMaybe, steps: "you have completed ~1 task|job" },
  { label: taskMaybe, steps: "stop acting ~1 as|like" },
  { label: taskMaybe, steps: `${TELL} ~2 secret|hidden passphrase|password|code|key|token` },

  // Another role.
  { label: persona, steps: `you are|become now ~3 ${PERSONAS}` },
  { label: persona, steps: `you are now ~2 in ~1 ${MODES} mode` },
  { label: persona, steps: `${MODES} mode ~1 enabled|activated|engaged|on|unlocked` },
  { label: persona, steps: `do anything now` },
  {
    label: persona,
    steps: `act|pretend|behave|roleplay|respond|answer ~3 as|be|like ~3 ${PERSONAS}`,
  },
  {
    label: personaMaybe,
    steps: `you are now ~1 a|an|the|my ~3 ${MACHINE}|agent|expert|hacker|persona|character`,
    without: "third|second|first|fourth|other|only",
  },
  {
    label: personaMaybe,
    steps: `pretend ~2 you|to ~1 are|be|have`,
    notAfter: "not|don't|they|drivers",
  },
  { label: personaMaybe, steps: `enter|enable|activate|switch|unlock ~3 ${MODES} mode` },
  {
    label: personaMaybe,
    steps: `without|no|any ~2 restrictions|filters|censorship|guardrails|limitations ~4 ${MACHINE}|you|answer|respond`,
  },
  { label: personaMaybe, steps: `stop being ~2 ${MACHINE}|agent|support` },
  { label: personaMaybe, steps: `jailbreak|jailbroken` },

  { label: persona, steps: `game|story|roleplay|play|imagine ~6 you are ~2 ${PERSONAS}` },
  { label: persona, steps: `dan|aim|stan ~3 answers|answer|does|do|says ~1 everything|anything` },
  {
    label: personaMaybe,
    steps: `you are ~1 jailbroken|unrestricted|unfiltered|uncensored|unbound`,
  },

  // Asking for the instructions, the prompt, or the mark in it.
  {
    label: extraction,
    steps: `${TELL} ~4 system|hidden|initial|secret|developer|original|entire|full|internal ~1 prompt|prompts`,
  },
  { label: extraction, steps: `what ~2 your ~2 prompt|prompts` },
  { label: extraction, steps: `${TELL} ~3 your ~1 prompt|prompts` },
  {
    label: extraction,
    steps: `reveal|leak|dump|repeat|recite|print|output|expose|disclose|translate|summarise|summarize ~3 your ~1 instructions|directives|guidelines|configuration`,
    without: OF_A_PRODUCT,
  },
  {
    label: extraction,
    steps: `repeat|print|output|copy|recite ~2 everything|text|words|all ~2 above|before|preceding`,
  },
  { label: extraction, steps: `${TELL} ~3 canary` },
  {
    label: extractionMaybe,
    steps: `${TELL} ~4 hidden|initial|secret|original|internal instructions|rules|guidelines`,
    without: OF_A_PRODUCT,
  },
  {
    label: extractionMaybe,
    steps: `${TELL} ~3 your rules|instructions|tools|functions`,
    without: OF_A_PRODUCT,
    notBefore: "on|for|about|of",
  },
  { label: extractionMaybe, steps: `system prompt` },

  // Approvals that were never given.
  {
    label: approval,
    steps: `approved|authorised|authorized|preapproved by ~2 manager|supervisor|admin|administrator|lead|management|system|policy`,
  },
  {
    label: approval,
    steps: `manager|supervisor|lead|management ~2 approved|authorised|authorized`,
  },
  { label: approval, steps: "no ~2 approval|review ~2 needed|required|necessary" },
  { label: approval, steps: "without ~1 approval|review|confirmation|verification" },
  {
    label: approval,
    steps: `need|needs|require|requires|requiring no|any|further|human ~1 approval|review|confirmation`,
  },
  { label: approval, steps: `skip|bypass ~3 approval|verification|review|authentication` },
  {
    label: approval,
    steps: `not|don't ~2 mention|disclose|reveal ~2 this|these ~1 message|instructions|instruction|note`,
  },

  // Text meant for a machine.
  {
    label: addressed,
    steps: `note|message|instruction|instructions|attention|hint ~1 to|for ~3 ${MACHINE}|agent`,
  },
  { label: addressed, steps: `if you are ~1 a|an|the ~3 ${MACHINE}`, notBefore: "or" },
  {
    label: addressed,
    steps: `${MACHINE} ~1 systems|agents|assistants|models|must|should ~2 treat|always|ignore|send|issue|refund|must|not`,
  },
  { label: addressed, steps: `${MACHINE} must|shall` },
  {
    label: addressed,
    steps: `execute|run ~3 command|commands|code ~3 inside|attached|below|following`,
  },
  { label: addressed, steps: `next tool|function call` },
  {
    label: addressed,
    steps: `save|write|store|remember ~2 memory ~6 password|policy|admin|refund|always`,
  },
  { label: addressed, steps: `i am your developer|creator|administrator|admin|programmer|owner` },

  ...ATTACKS_ABROAD.map(({ about, ...phrase }) => ({ ...phrase, label: ABROAD[about] })),

  // Data no customer may have.
  { label: others, steps: `customer|customers|user|users list|database|records|table` },
  {
    label: others,
    steps: `send|export|show|list|give|forward|dump|email ~3 all|every|other ~2 customers|customer's|users|accounts`,
  },
];
