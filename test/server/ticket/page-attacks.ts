/** What a page without a session, of another site or beside another ticket may send; and false presses of the right one. */
import { OTHER, OWN, type Attack, type Target } from "./attack.ts";
import { AGENTS, opened, pageWith, type OpenedPage } from "./bench.ts";

const { sam } = AGENTS;

const PRESS = {
  clickId: "12345678-click",
  approvalId: `a_${OWN.id}`,
  version: 1,
  button: "approve",
};

/** Secrets that are none of this page. */
const SECRETS: readonly (readonly [
  name: string,
  secret: (target: Target, own: string) => string,
])[] = [
  ["none", () => ""],
  ["a made-up one", () => "x".repeat(43)],
  ["one character more", (_target, own) => `${own}A`],
  [
    "another last character",
    (_target, own) => `${own.slice(0, -1)}${own.endsWith("A") ? "B" : "A"}`,
  ],
  ["a session of the console", ({ consoleSession }) => consoleSession],
  ["a code of the console", ({ consoleCode }) => consoleCode],
];

const WITHOUT_SESSION: readonly Attack[] = SECRETS.flatMap(([name, secret]) =>
  (["/state", "/decide"] as const).map((path) => ({
    kind: "session",
    name: `${name}, ${path}`,
    async send(target: Target) {
      const own = await opened(target.url, target.account, sam, OWN.ticket);
      const page = pageWith(target.url, secret(target, own.secret));
      return path === "/state" ? page.get(path) : page.post(path, PRESS);
    },
  })),
);

/** What a page beside its own ticket sends. */
function beside(
  kind: string,
  name: string,
  send: (page: OpenedPage, target: Target) => Promise<Response>,
): Attack {
  return {
    kind,
    name,
    send: async (target) => send(await opened(target.url, target.account, sam, OWN.ticket), target),
  };
}

const SITES: readonly Attack[] = [
  beside("origin", "a press from a page of another site", (page) =>
    page.post("/decide", PRESS, { "sec-fetch-site": "cross-site" }),
  ),
  beside("origin", "the secret as a cookie", ({ secret }, { url }) =>
    fetch(`${url}/zendesk/app/state`, { headers: { cookie: `deskhand_session=${secret}` } }),
  ),
  beside("origin", "the secret at the console", ({ secret }, { url }) =>
    fetch(`${url}/console`, { headers: { cookie: `deskhand_session=${secret}` } }),
  ),
];

const TICKETS: readonly Attack[] = [
  beside("ticket", "naming another ticket", (page) =>
    page.post("/ticket", { ticket: OTHER.ticket }),
  ),
  beside("ticket", "naming more than a ticket", (page) =>
    page.post("/ticket", { ticket: OWN.ticket, origin: "https://evil.test" }),
  ),
  ...["0", "035", "35 ", "36' or '1'='1", "", "9".repeat(30), 36, ["36"]].map((ticket) => ({
    kind: "ticket",
    name: `beginning beside ${JSON.stringify(ticket)}`,
    send: async ({ url, account }: Target) =>
      (await opened(url, account, sam)).post("/ticket", { ticket }),
  })),
];

const FOREIGN = [
  `a_${OTHER.id}`,
  `c_${OTHER.id}`,
  "a_no_such_card",
  "policy_1",
  `a_${OWN.id}\u0000`,
] as const;

const OTHER_CASES: readonly Attack[] = FOREIGN.flatMap((id) => {
  const named = encodeURIComponent(id);
  return [
    beside("case", `approving ${JSON.stringify(id)}`, (page) =>
      page.post("/decide", { ...PRESS, approvalId: id }),
    ),
    beside("case", `taking over ${JSON.stringify(id)}`, (page) =>
      page.post("/decide", { ...PRESS, approvalId: id, button: "take_over" }),
    ),
    beside("case", `the form of ${JSON.stringify(id)}`, (page) => page.get(`/form/${named}/1`)),
    beside("case", `a check of ${JSON.stringify(id)}`, (page) =>
      page.get(`/check/${named}/1/edit`),
    ),
    beside("case", `the explanation of ${JSON.stringify(id)}`, (page) =>
      page.get(`/explain/${named}`),
    ),
  ];
});

const BEFORE_A_TICKET: readonly Attack[] = (
  ["/decide", `/form/a_${OWN.id}/1`, `/explain/a_${OWN.id}`] as const
).map((path) => ({
  kind: "case",
  name: `${path} before the page stands beside a ticket`,
  async send({ url, account }: Target) {
    const page = await opened(url, account, sam);
    return path === "/decide" ? page.post(path, PRESS) : page.get(path);
  },
}));

const FALSE_PRESSES: readonly (readonly [name: string, press: object | string])[] = [
  [
    "as another teammate",
    { ...PRESS, teammate: { id: "U0LEA", name: "Lea", email: "lea@ourshop.test", eligible: true } },
  ],
  ["with a click of two parts", { ...PRESS, clickId: "12345678:a_1" }],
  ["without a click", { ...PRESS, clickId: undefined }],
  ["of half a version", { ...PRESS, version: 1.5 }],
  ["by a button that is none", { ...PRESS, button: "approve_all" }],
  ["by an inherited name", { ...PRESS, button: "constructor" }],
  [
    "as a reply of one's own",
    { ...PRESS, approvalId: `c_${OWN.id}`, button: "reply", edit: { text: "x", amount: null } },
  ],
  ["as the end of the case", { ...PRESS, approvalId: `c_${OWN.id}`, button: "close" }],
  ["as its new beginning", { ...PRESS, approvalId: `c_${OWN.id}`, button: "reopen" }],
  ["as what is no junk", { ...PRESS, approvalId: `c_${OWN.id}`, button: "not_junk" }],
  ["with a reason without an end", { ...PRESS, reason: "x".repeat(5_000) }],
  [
    "with a text without an end",
    { ...PRESS, button: "edit", edit: { text: "x".repeat(70_000), amount: null } },
  ],
  ["of more than half a megabyte", { ...PRESS, reason: "x".repeat(600_000) }],
  ["as a list", "[]"],
  ["as nothing", "null"],
];

const PRESSES = FALSE_PRESSES.map(([name, press]) =>
  beside("press", name, (page) => page.post("/decide", press)),
);

export const PAGE_ATTACKS: readonly Attack[] = [
  ...WITHOUT_SESSION,
  ...SITES,
  ...TICKETS,
  ...OTHER_CASES,
  ...BEFORE_A_TICKET,
  ...PRESSES,
];
