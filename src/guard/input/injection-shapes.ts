/** Marks that imitate a prompt in any language. */

/** What a rule reports: `block` for what no customer writes, `caution` for what a few honest ones do. */
export interface Suspicion {
  readonly tier: "caution" | "block";
  /** As text, for card and trace. */
  readonly reason: string;
}

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
