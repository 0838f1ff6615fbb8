/** What each provider of models takes and refuses, as far as its documents say, and what its refusals teach. */

/** How requests to one model at one server are written. */
export interface Profile {
  readonly wire: "chat" | "responses";
  /** The name of the limit of the answer's tokens. */
  readonly limit: "max_completion_tokens" | "max_tokens" | "max_output_tokens";
  /** Whether temperature 0 is asked for; models that think refuse any but their own. */
  readonly isCold: boolean;
  /** Whether tools are to be called by their schema letter by letter. */
  readonly isStrict: boolean;
  /** How an answer of one shape is asked for: by the provider's own format, or by a tool that has to be called. */
  readonly shape: "format" | "tool";
  /** How long a model may think; null leaves it to the server. */
  readonly effort: string | null;
  /** Output tokens a model that thinks needs beside those of its answer, which share one limit. */
  readonly room: number;
  /** Whether each answer says what it cost. */
  readonly bills: boolean;
}

/** What OpenAI advises to begin with. */
const ROOM = 25_000;

const CHAT: Profile = {
  wire: "chat",
  limit: "max_completion_tokens",
  isCold: true,
  isStrict: true,
  shape: "format",
  effort: null,
  room: 0,
  bills: false,
};

const RESPONSES: Profile = {
  wire: "responses",
  limit: "max_output_tokens",
  isCold: false,
  isStrict: true,
  shape: "format",
  effort: "low",
  room: ROOM,
  bills: false,
};

/** By the end of the host's name. A server that is not named here is asked by chat completions. */
const BY_HOST: readonly (readonly [host: RegExp, profile: Profile])[] = [
  [/(?:^|\.)api\.openai\.com$|\.openai\.azure\.com$|\.services\.ai\.azure\.com$/, RESPONSES],
  [/(?:^|\.)api\.anthropic\.com$/, { ...CHAT, isCold: false, isStrict: false, shape: "tool" }],
  [
    /(?:^|\.)generativelanguage\.googleapis\.com$/,
    { ...CHAT, isCold: false, isStrict: false, room: ROOM },
  ],
  [/(?:^|\.)api\.mistral\.ai$/, { ...CHAT, limit: "max_tokens" }],
  [/(?:^|\.)openrouter\.ai$/, { ...CHAT, isCold: false, room: ROOM, bills: true }],
  [/(?:^|\.)api\.groq\.com$/, { ...CHAT, isStrict: false }],
];

/** What an operator sets beside the server's address. */
export interface ProfileSettings {
  readonly api?: Profile["wire"] | undefined;
  readonly effort?: string | undefined;
}

/** The profile of a server by its host, with what the operator says about it. */
export function profileFor(baseUrl: string, { api, effort }: ProfileSettings = {}): Profile {
  const host = URL.parse(baseUrl)?.hostname ?? "";
  const known = BY_HOST.find(([named]) => named.test(host))?.[1] ?? CHAT;
  const chosen =
    api === undefined || api === known.wire ? known : api === "chat" ? CHAT : RESPONSES;
  return effort === undefined ? chosen : { ...chosen, effort };
}

/** A refusal as far as something can be learnt from it. */
export interface Refusal {
  readonly status: number;
  readonly code: string | null;
  /** The parameter the provider names; null when it names none. */
  readonly param: string | null;
  readonly words: string;
}

/** What was learnt: how to ask from now on, and a sentence for the operator. */
interface Lesson {
  readonly profile: Profile;
  readonly told: string;
}

/** What each refused parameter changes; by what a provider calls it. */
const LESSONS: readonly (readonly [
  named: RegExp,
  change: (profile: Profile) => Profile,
  told: string,
])[] = [
  [/temperature/, (one) => ({ ...one, isCold: false }), "takes no temperature"],
  [
    /max_completion_tokens/,
    (one) => ({ ...one, limit: "max_tokens" }),
    "takes max_tokens, not max_completion_tokens",
  ],
  [
    /max_tokens/,
    (one) => ({ ...one, limit: "max_completion_tokens" }),
    "takes max_completion_tokens, not max_tokens",
  ],
  [/reasoning/, (one) => ({ ...one, effort: null }), "takes no reasoning effort"],
  [
    /response[_ ]format|json_schema|text\.format/,
    (one) => ({ ...one, shape: "tool" }),
    "takes no response format; a tool that has to be called stands in",
  ],
  [/strict/, (one) => ({ ...one, isStrict: false }), "takes no strict tools"],
];

const NAMES_ONE =
  /unsupported|not support|unknown|unrecogni[sz]ed|extra_forbidden|not permitted|extra inputs/i;

/** How the same request is asked so that this refusal does not come again; null when nothing is to be learnt. */
export function lessonFrom(profile: Profile, refusal: Refusal): Lesson | null {
  const other = otherWire(profile, refusal);
  if (other !== null) return other;
  const { status, param, words } = refusal;
  if (status !== 400 && status !== 422) return null;
  if (param === null && !NAMES_ONE.test(words)) return null;
  const [, change, told] = LESSONS.find(([named]) => named.test(param ?? words)) ?? [];
  if (change === undefined || told === undefined) return null;
  const changed = change(profile);
  const isNew = JSON.stringify(changed) !== JSON.stringify(profile);
  return isNew ? { profile: changed, told } : null;
}

/** A server that wants, or has, the other interface only. */
function otherWire({ wire }: Profile, { status, code, words }: Refusal): Lesson | null {
  if (wire === "chat")
    return status === 400 && words.includes("/v1/responses")
      ? { profile: RESPONSES, told: "is asked by Responses, as it wants for tools" }
      : null;
  const isModelMissing = code === "model_not_found" || /model/i.test(words);
  return status === 404 && !isModelMissing
    ? {
        profile: { ...CHAT, isCold: false, effort: "none" },
        told: "has no Responses and is asked by chat completions, without thinking",
      }
    : null;
}
