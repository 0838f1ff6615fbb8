/** The rules of the input guard: phrases, many in English and some in other languages, and imitated marks of a prompt. */
import { labelled, type Phrase } from "#text/phrase-matcher.ts";

/** What a rule reports: `block` for what no customer writes, `caution` for what a few honest ones do. */
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

/** Phrases, matched within one sentence by `phrase-matcher.ts`. */
export const ATTACK_PHRASES: readonly Phrase<Suspicion>[] = [
  // Dropping the instructions.
  ...labelled(override, [
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~3 ${BEFORE} ~3 ${ORDERS} -${MINE}|${OF_A_PRODUCT} !i|we`,
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~2 all|any|every|your|these|those|system ~3 ${ORDERS} -${MINE}|${OF_A_PRODUCT} !i|we|in|on|from`,
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~3 ${BEFORE} ~3 ${RULES} -${MINE}|${OF_A_PRODUCT}`,
  ]),
  ...labelled(overrideMaybe, [
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~2 all|any|every|your|the|these|those ~3 ${RULES} -${MINE}|${OF_A_PRODUCT}`,
  ]),
  ...labelled(override, [
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~1 everything|all ~3 above|before|told|programmed|trained -${MINE}`,
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~2 text|words|messages|content|context ~2 above|before|preceding -${MINE}`,
    `!${SUBJECT_OR_NEGATION} ${OVERRIDE} ~2 previous|prior|preceding|earlier ~1 text|words|context|conversation|directions|commands -${MINE}`,
    `not|don't|stop|never|longer ~1 follow|obey|following|obeying|bound ~3 ${BEFORE}|your|any|system ~3 ${ORDERS}|rules|guidelines -${MINE}|${OF_A_PRODUCT}`,
    `your ~2 ${ORDERS}|rules|guidelines ~2 no longer apply|applies|valid|count`,
    "your new instructions|instruction|task|role|goal|objective|directive ~1 is|are|from",
    "follow|obey ~2 these|my|only ~1 new instructions|directives|commands",
    "!mode|message|display|shows|says|screen system|security|admin|administrator|safety override !false|true|call|off|on|is|was|switch|button|mode",
    "disable|deactivate|circumvent|bypass|override ~3 guardrails|guardrail|safeguards|filters|moderation",
  ]),
  ...labelled(overrideMaybe, [
    `new|updated|additional|real instructions ~3 ${MACHINE}|agent|you`,
    "from now on ~3 you ~1 must|shall|only|obey|respond|answer|are",
    `!${SUBJECT_OR_NEGATION} disregard|override ~3 instructions|rules|policy|guidelines -${MINE}|${OF_A_PRODUCT}`,
  ]),
  // Another task.
  ...labelled(override, [
    "message|instruction|instructions|orders from ~1 your creators|creator|developers|developer|programmers",
  ]),
  ...labelled(taskMaybe, [
    "start|begin|end your answer|reply|response with",
    "add|include|insert|append ~4 to|in your answer|reply|response",
    "repeat after me",
    "in this game you",
    "call|invoke ~3 tool|function with",
    "you have completed ~1 task|job",
    "stop acting ~1 as|like",
    `${TELL} ~2 secret|hidden passphrase|password|code|key|token`,
  ]),
  // Another role.
  ...labelled(persona, [
    `you are|become now ~3 ${PERSONAS}`,
    `you are now ~2 in ~1 ${MODES} mode`,
    `${MODES} mode ~1 enabled|activated|engaged|on|unlocked`,
    "do anything now",
    `act|pretend|behave|roleplay|respond|answer ~3 as|be|like ~3 ${PERSONAS}`,
  ]),
  ...labelled(personaMaybe, [
    `you are now ~1 a|an|the|my ~3 ${MACHINE}|agent|expert|hacker|persona|character -third|second|first|fourth|other|only`,
    "!not|don't|they|drivers pretend ~2 you|to ~1 are|be|have",
    `enter|enable|activate|switch|unlock ~3 ${MODES} mode`,
    `without|no|any ~2 restrictions|filters|censorship|guardrails|limitations ~4 ${MACHINE}|you|answer|respond`,
    `stop being ~2 ${MACHINE}|agent|support`,
    "jailbreak|jailbroken",
  ]),
  ...labelled(persona, [
    `game|story|roleplay|play|imagine ~6 you are ~2 ${PERSONAS}`,
    "dan|aim|stan ~3 answers|answer|does|do|says ~1 everything|anything",
  ]),
  ...labelled(personaMaybe, ["you are ~1 jailbroken|unrestricted|unfiltered|uncensored|unbound"]),
  // Asking for the instructions, the prompt, or the mark in it.
  ...labelled(extraction, [
    `${TELL} ~4 system|hidden|initial|secret|developer|original|entire|full|internal ~1 prompt|prompts`,
    "what ~2 your ~2 prompt|prompts",
    `${TELL} ~3 your ~1 prompt|prompts`,
    `reveal|leak|dump|repeat|recite|print|output|expose|disclose|translate|summarise|summarize ~3 your ~1 instructions|directives|guidelines|configuration -${OF_A_PRODUCT}`,
    "repeat|print|output|copy|recite ~2 everything|text|words|all ~2 above|before|preceding",
    `${TELL} ~3 canary`,
  ]),
  ...labelled(extractionMaybe, [
    `${TELL} ~4 hidden|initial|secret|original|internal instructions|rules|guidelines -${OF_A_PRODUCT}`,
    `${TELL} ~3 your rules|instructions|tools|functions -${OF_A_PRODUCT} !on|for|about|of`,
    "system prompt",
  ]),
  // Approvals that were never given.
  ...labelled(approval, [
    "approved|authorised|authorized|preapproved by ~2 manager|supervisor|admin|administrator|lead|management|system|policy",
    "manager|supervisor|lead|management ~2 approved|authorised|authorized",
    "no ~2 approval|review ~2 needed|required|necessary",
    "without ~1 approval|review|confirmation|verification",
    "need|needs|require|requires|requiring no|any|further|human ~1 approval|review|confirmation",
    "skip|bypass ~3 approval|verification|review|authentication",
    "not|don't ~2 mention|disclose|reveal ~2 this|these ~1 message|instructions|instruction|note",
  ]),
  // Text meant for a machine.
  ...labelled(addressed, [
    `note|message|instruction|instructions|attention|hint ~1 to|for ~3 ${MACHINE}|agent`,
    `if you are ~1 a|an|the ~3 ${MACHINE} !or`,
    `${MACHINE} ~1 systems|agents|assistants|models|must|should ~2 treat|always|ignore|send|issue|refund|must|not`,
    `${MACHINE} must|shall`,
    "execute|run ~3 command|commands|code ~3 inside|attached|below|following",
    "next tool|function call",
    "save|write|store|remember ~2 memory ~6 password|policy|admin|refund|always",
    "i am your developer|creator|administrator|admin|programmer|owner",
  ]),

  // German.
  ...labelled(override, [
    "!ich|wir|nicht ignoriere|ignorier|ignorieren|missachte|missachten|vergiss|vergesse|übergehe|überschreibe ~2 alle|sämtliche|deine|ihre|die|jede|jegliche ~2 anweisungen|anweisung|instruktionen|vorgaben|befehle|richtlinien -meine|meiner|meinen|unsere|bedienungsanleitung|pflegehinweise !von|aus|im|in",
    "ignoriere|ignorieren|missachte|vergiss|vergesse ~2 bisherigen|vorherigen|obigen|vorigen|früheren|bisherige|vorherige ~1 regeln|anweisungen|instruktionen|vorgaben|anweisung|texte -meine|meiner|meinen|unsere !von|aus|im|in",
    "vergiss ~1 alles ~2 vorher|bisher|zuvor|davor|oben",
  ]),
  ...labelled(persona, [
    "du bist jetzt|nun|ab ~3 dan|administrator|admin|entwicklermodus|hacker",
    "entwicklermodus|debugmodus|wartungsmodus ~1 aktiviert|aktivieren|an",
  ]),
  ...labelled(extraction, [
    "zeige|zeig|verrate|verrat|gib|nenne|wiederhole|drucke|schreibe ~4 systemprompt|system-prompt|systemanweisungen|systemanweisung|systemnachricht|prompt",
    "zeige|verrate|wiederhole|nenne ~2 deine ~1 anweisungen|instruktionen|regeln",
  ]),
  // French.
  ...labelled(override, [
    "ignore|ignorez|ignorer|oublie|oubliez|oublier ~2 toutes|tes|vos|les|ces ~2 instructions|consignes|directives|règles ~2 précédentes|précédente|antérieures|dessus|système -mes|mon|notre|nos",
  ]),
  ...labelled(persona, [
    "tu es|vous êtes maintenant|désormais ~3 dan|administrateur|admin",
    "tu es maintenant ~2 dan|administrateur|admin",
  ]),
  ...labelled(extraction, [
    "montre|montrez|affiche|affichez|révèle|révélez|répète|répétez|donne ~4 prompt|instructions ~1 système|système|secret|secrètes|initiales",
  ]),
  // Spanish.
  ...labelled(override, [
    "ignora|ignore|ignorar|olvida|olvide|olvidar ~2 todas|tus|sus|las|estas ~2 instrucciones|órdenes|reglas|directrices ~1 anteriores|previas|precedentes -mis|mi|nuestras",
  ]),
  ...labelled(persona, ["ahora eres ~2 dan|administrador|admin|hacker"]),
  ...labelled(extraction, [
    "muestra|muéstrame|revela|repite|dime|imprime ~4 prompt|instrucciones ~1 sistema|del|secretas|internas|iniciales",
  ]),
  // Italian, Portuguese, Dutch, Polish.
  ...labelled(override, [
    "ignora|ignorare|dimentica ~2 tutte|le|tue ~2 istruzioni|regole|direttive ~1 precedenti|sopra -mie|nostre",
    "ignore|ignora|ignorar|esqueça|esquece ~2 todas|as|suas|tuas ~2 instruções|regras|ordens ~1 anteriores|acima -minhas|nossas",
    "negeer|vergeet ~2 alle|de|je|uw ~2 vorige|eerdere|voorgaande|bovenstaande ~1 instructies|opdrachten|regels -mijn|onze",
    "zignoruj|ignoruj|zapomnij ~2 wszystkie|poprzednie|swoje ~2 instrukcje|polecenia|zasady -moje",
  ]),

  // Data no customer may have.
  ...labelled(others, [
    "customer|customers|user|users list|database|records|table",
    "send|export|show|list|give|forward|dump|email ~3 all|every|other ~2 customers|customer's|users|accounts",
  ]),
];

interface Shape extends Suspicion {
  readonly pattern: RegExp;
}

/**
 * Marks and wrappers no customer's message contains. Every repetition is bounded and every pattern begins with a fixed
 * character or a line start, so that matching takes linear time.
 */
export const ATTACK_SHAPES: readonly Shape[] = [
  {
    tier: "block",
    reason: "gives the assistant another task",
    pattern:
      /\byour (?:new|next|real|only) (?:task|instructions?|role|goal|objective) ?(?::|is to\b|are to\b)/,
  },
  {
    tier: "block",
    reason: "imitates a message of the system",
    pattern: /\bsystem (?:message|notice|update|instruction|command) ?:/,
  },
  {
    tier: "block",
    reason: "imitates the marks around messages of the model",
    pattern:
      /<\/?(?:system|assistant|developer|user_message|tool_call|tool_result|function_call)\b[^<>]{0,80}>|<\|[a-z_]{2,30}\|>|\[\/?(?:inst|sys|system)\]|<<\/?sys>>/,
  },
  {
    tier: "block",
    reason: "imitates a message of the system or of a tool",
    pattern:
      /"role" {0,3}: {0,3}"(?:system|assistant|developer|tool)"|"(?:tool_calls?|function_call)" {0,3}:/,
  },
  {
    tier: "block",
    reason: "imitates the end of untrusted text",
    pattern:
      /<<(?:data|end) [0-9a-z_-]{4,80}|(?:<<|\[\[|---|===|###) ?\/?(?:end|begin|start|stop)[ _-](?:of[ _-])?(?:the[ _-])?(?:untrusted|user|customer|data|input|context|prompt|instructions?|system)\b/,
  },
  {
    tier: "block",
    reason: "imitates a record of an approval",
    pattern:
      /\b(?:approved|authori[sz]ed) by (?:the |a |our |your )?(?:manager|supervisor|admin|administrator|lead|management|policy|system) ?[:\]]|\bapproval(?: status)? ?[:=] ?(?:granted|approved|true|yes)\b|\[approved\b/,
  },
  {
    tier: "caution",
    reason: "writes a line as if it were a speaker in the transcript",
    pattern:
      /^[ >*#-]{0,8}(?:system|assistant|developer) ?: |^#{2,4} ?(?:system|new instructions?|instructions?|assistant)\b/m,
  },
  {
    tier: "caution",
    reason: "imitates the end of the message",
    pattern: /(?:---|===|###) ?end of (?:message|e-?mail|document|text|conversation)/,
  },
  {
    tier: "caution",
    reason: "hides text in HTML",
    pattern:
      /<[a-z]{1,10} [^<>]{0,200}(?:display ?: ?none|visibility ?: ?hidden|font-size ?: ?0|opacity ?: ?0)/,
  },
  {
    tier: "caution",
    reason: "wants an image loaded",
    pattern: /!\[[^\]\n]{0,80}\]\((?:https?:)?\/\//,
  },
];
