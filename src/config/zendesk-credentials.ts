/** Checks the variables that sign in to Zendesk. */

/** The variables as they are set, before they are parsed. */
type Variables = Readonly<Partial<Record<string, string>>>;

/** The ways in which each of our two identities can sign in to Zendesk; exactly one of them is used. */
const IDENTITIES = {
  writer: {
    client: ["ZENDESK_WRITER_CLIENT_ID", "ZENDESK_WRITER_CLIENT_SECRET"],
    refresh: "ZENDESK_WRITER_REFRESH_TOKEN",
    token: "ZENDESK_WRITER_TOKEN",
    email: "ZENDESK_EMAIL",
  },
  reader: {
    client: ["ZENDESK_READER_CLIENT_ID", "ZENDESK_READER_CLIENT_SECRET"],
    refresh: "ZENDESK_READER_REFRESH_TOKEN",
    token: "ZENDESK_READER_TOKEN",
    email: "ZENDESK_READER_EMAIL",
  },
} as const;

const API_TOKEN = "ZENDESK_API_TOKEN";

/** Every variable for signing in to Zendesk. */
export const ZENDESK_SIGN_IN = [
  ...Object.values(IDENTITIES).flatMap(({ client, refresh, token, email }) => [
    ...client,
    refresh,
    token,
    email,
  ]),
  API_TOKEN,
] as const;

/** Any of these means that a real account is used. */
const BESIDE = [
  "ZENDESK_URL",
  "ZENDESK_WEBHOOK_SECRET",
  "ZENDESK_GROUP_BOT",
  "ZENDESK_GROUP_TIER2",
  "ZENDESK_GROUP_SENSITIVE",
] as const;

/** Problems with the Zendesk sign-ins, a line each that begins with the variable to change. */
export function signInProblems(set: Variables): readonly string[] {
  const isConnected = [...BESIDE, ...ZENDESK_SIGN_IN].some((name) => set[name] !== undefined);
  if (!isConnected) return [];
  const role = set["DESKHAND_ROLE"]?.trim() ?? "all";
  // The reader belongs to the process that keeps the connections; the others do not need it.
  const readerIsNeeded = role === "all" || role === "channels";
  const emails = Object.values(IDENTITIES).map(({ email }) => email);
  return [
    ...identityProblems("writer", set, true),
    ...identityProblems("reader", set, readerIsNeeded),
    ...(set[API_TOKEN] !== undefined && emails.every((name) => set[name] === undefined)
      ? [`ZENDESK_EMAIL: is missing, and ${API_TOKEN} needs it`]
      : []),
    ...(set["ZENDESK_READER_CLIENT_ID"] !== undefined &&
    set["ZENDESK_READER_CLIENT_ID"] === set["ZENDESK_WRITER_CLIENT_ID"]
      ? [
          "ZENDESK_READER_CLIENT_ID: is the writer's client; the reader is an admin and the writer must not be one, so they are two",
        ]
      : []),
  ];
}

function identityProblems(
  which: keyof typeof IDENTITIES,
  set: Variables,
  isNeeded: boolean,
): readonly string[] {
  const { client, refresh, token, email } = IDENTITIES[which];
  const ofClient = [...client, refresh].filter((name) => set[name] !== undefined);
  const ways = [ofClient[0], set[token] && token, set[email] && email].filter(
    (name) => name !== undefined,
  );
  const [way, ...others] = ways;
  if (way === undefined)
    return isNeeded
      ? client.map(
          (name) =>
            `${name}: is missing, and ZENDESK_URL needs it (or ${token}, an access token that is not renewed)`,
        )
      : [];
  const incomplete =
    ofClient.length === 0
      ? []
      : client.flatMap((name) =>
          set[name] === undefined
            ? [`${name}: is missing, and ${ofClient.join(", ")} needs it`]
            : [],
        );
  const noToken =
    set[email] !== undefined && set[API_TOKEN] === undefined
      ? [`${API_TOKEN}: is missing, and ${email} needs it`]
      : [];
  return [
    ...incomplete,
    ...noToken,
    ...others.map((name) => `${name}: is set beside ${way}; the ${which} signs in one way`),
  ];
}
