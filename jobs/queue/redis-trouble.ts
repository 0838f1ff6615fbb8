/** Says what is wrong with Redis, from its answers. */

/** How much of an unknown answer is repeated, in characters. */
const WORDS_MAX = 120;

const KEPT = "Nothing is lost: the database knows the work, and goes on with it.";

/** Redis' own error words (its documentation, "Error handling"), what they mean, and what a person does. */
const SENTENCES: readonly (readonly [words: RegExp, happened: string, remedy: string])[] = [
  [/\bOOM\b/, "Redis has no memory left", "Raise maxmemory, or remove what is not Deskhand's."],
  [
    /\bREADONLY\b/,
    "Redis is a read-only replica",
    "Name the primary in REDIS_URL, or make this one it (replicaof no one).",
  ],
  [/\bMISCONF\b/, "Redis cannot write to its disk", "Make room on its disk."],
  [/\bLOADING\b/, "Redis is still loading its data", "Wait until it has."],
  [/\bMASTERDOWN\b/, "Redis is a replica without its primary", "Name the primary in REDIS_URL."],
  [
    /max number of clients/,
    "Redis has no connection left",
    "End clients that need none, or raise maxclients.",
  ],
  [
    /\b(?:NOAUTH|WRONGPASS|NOPERM)\b/,
    "Redis refuses our sign-in",
    "Check user and password in REDIS_URL.",
  ],
];

/** What happened to Redis, what was kept and what to do, for the log and for health. Never throws. */
export function redisSentence(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  for (const [pattern, happened, remedy] of SENTENCES) {
    const told = pattern.exec(words);
    if (told !== null) return `${happened} (${told[0]}). ${KEPT} ${remedy}`;
  }
  const said = words.slice(0, WORDS_MAX);
  // An answer of another kind is a refusal; everything else is the connection.
  return error instanceof Error && error.name === "ReplyError"
    ? `Redis refuses a command (${said}). ${KEPT} Look at its settings.`
    : `Redis cannot be reached (${said}). ${KEPT} Start it, or check REDIS_URL and the network.`;
}
