/**
 * What a passage bears beside its score before it is blocked: it speaks to a program, of its rules, of its answer, or
 * gives orders as no letter between people does. Nothing here is suspicious alone.
 */

/** A clear mark is enough; of vague ones it takes two. */
interface Mark {
  /** What the passage does, for card and trace. */
  readonly reason: string;
  readonly pattern: RegExp;
}

const ADDRESSEE =
  "ai|a\\.i|assistant|chatbot|gpt-?\\d?|chatgpt|llms?|language model|openai|jailbr\\w*|role ?-?play\\w*|unrestricted|unfiltered|uncensored";
const PROMPT =
  "(?:system|initial|original|your|this|following|above|developer) prompts?|prompt injection";
const ORDERS =
  "instructions?|directives?|rules|guidelines|previous|above|prior|restrictions|policy|policies|told|programming|constraints";
const ANSWER = "(?:answers?|responses?|repl(?:y|ies)|outputs?|summary|translation)";
const WHICH = "(?:next |final |only |entire |whole |first |own )?";

/** Patterns of normalised text. Every repetition is bounded, so that matching takes linear time. */
const CLEAR: readonly Mark[] = [
  {
    reason: "tells the assistant to drop its rules",
    pattern: new RegExp(
      `\\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overrid(?:e|ing)|bypass(?:ing)?)\\b[^.!?\\n]{0,50}\\b(?:${ORDERS})\\b|` +
        "\\b(?:previous|prior|initial|original|hidden|secret|system|new) (?:instructions?|directives?|commands|orders)\\b|" +
        "\\byour (?:instructions?|directives?|guidelines|programming|persona|constraints|configuration|restrictions)\\b",
    ),
  },
  {
    reason: "gives the assistant another role",
    pattern:
      /\b(?:you are now|you're now|you will (?:now )?(?:act|play|respond|answer|pretend)|you are (?:going to (?:act|play|pretend|be)|no longer|free from|to act)|act as (?:a|an|the|if|my)\b|pretend (?:to be|you are|you're|that you)|imagine you are|from now on,? (?:you|answer|act|every)|in character)\b/,
  },
  {
    reason: "tells the assistant what to write",
    pattern: new RegExp(
      "\\b(?:add|include|insert|append|mention|put|embed|write|place|say|incorporate|integrate|end|start|begin|finish|precede|follow|continue)\\b" +
        `[^.!?\\n]{0,90}\\b(?:your|the) ${WHICH}${ANSWER}\\b|` +
        `\\b(?:end|start|begin|finish|precede|augment|enhance|in|into|of) your ${WHICH}(?:answers?|responses?|outputs?)\\b|` +
        "\\b(?:answer|respond|reply|say|print|output|write|repeat|return)(?: me| back)? (?:only|exactly|with (?:only|just|the (?:word|phrase|text))|just|the following|nothing (?:but|else)|as if|\"|')",
    ),
  },
  {
    reason: "wants something kept from people",
    pattern:
      /\b(?:do not|don't|never|without) (?:mention|mentioning|reveal|refus(?:e|ing)|inform|notify|notifying|disclose|break character|log|asking (?:anyone|a|the|for (?:approval|confirmation|permission)))\b/,
  },
  {
    reason: "imitates the marks around messages of the model",
    pattern:
      /<\|?\/?(?:system|assistant|user|instructions?|prompt|admin|inst|im_start|endoftext)\b|\[\/?(?:system|inst|admin|assistant)\]|(?:^|\n)[^\w\n]{0,3}(?:system|assistant) ?:/,
  },
  {
    reason: "speaks to a program",
    pattern: new RegExp(`(?<![@.\\w-])(?:${ADDRESSEE}|${PROMPT})(?![@\\w-]|\\.\\w)`),
  },
];

const VAGUE: readonly RegExp[] = [
  // An order: the verb with which a sentence begins.
  /(?:^|[.!?:;\n>"*-]\s{0,9})(?:please |now |then |also |and |just ){0,3}(?:call|invoke|execute|issue|approve|grant|transfer|forward|export|delete|reveal|disclose|print|output|repeat|recite|translate|summari[sz]e|append|insert|embed|modify|encode|decode|generate|write|tell|give|say|show|list|mark|set|send|analy[sz]e|recommend|compose|promote|respond|answer|reply|create|provide|explain|use|convert|replace|include|add|identify|rewrite|describe|refund|reset|cancel|change|confirm)\b/,
  /\b(?:secret|password|passphrase|access code|credential|canary|confidential|internal note|hidden)s?\b/,
  /\|>|```|\{"|\[\[|\]\]|<<|={3}|#{3}/,
  /\b(?:instructions?|directives?|guidelines|rules|restrictions|policy|policies|prompt|model|bot|persona|character|unlimited|illegal|unethical|harmful|anything)\b/,
  /\b(?:import|def|const|let|function|return|class)\b [\w{*]|\w\([^()\n]{0,200}\)|;\s*$/,
  /\byou (?:are|will|must|shall|should|can|have to)\b|\byour\b/,
];

/** The marks of one passage. */
export interface PassageMarks {
  readonly clear: readonly string[];
  readonly vague: number;
}

/** Reads the marks of a passage of normalised text. */
export function marksOf(passage: string): PassageMarks {
  return {
    clear: CLEAR.filter(({ pattern }) => pattern.test(passage)).map(({ reason }) => reason),
    vague: VAGUE.filter((pattern) => pattern.test(passage)).length,
  };
}
