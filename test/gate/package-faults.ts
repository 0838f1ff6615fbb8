/** Faults planted into a copy of the package, each with the case that has to find it: another text in the place of one. */

/** A file, a text that stands in it once, and what stands there instead. */
type Change = readonly [file: string, from: string, to: string];

/** One fault, with the case that has to find it. */
export interface PackageFault {
  readonly name: string;
  readonly found: `P${number}`;
  readonly changes: readonly Change[];
}

const NO_MARKS: Change = [
  "parts.ts",
  "if (held === null || !isSameDigest(vote.mark, markOf(parts, row, vote))) return [];",
  "if (held === null) return [];",
];

/** All of them; some need several changes, since one check stands behind another. */
export const PACKAGE_FAULTS: readonly PackageFault[] = [
  {
    name: "the word no is not read",
    found: "P02",
    changes: [
      ["decide.ts", 'const isYes = decision.kind !== "no";', "const isYes = true;"],
      ["decide.ts", 'decision.kind === "no" ? "reject" : "approve"', '"approve"'],
    ],
  },
  {
    name: "a yes after a no counts",
    found: "P02",
    changes: [
      [
        "kernel/ballot.ts",
        'if (state !== "pending") return',
        'if (state !== "pending" && state !== "rejected") return',
      ],
      ["kernel/ballot.ts", 'return { why: "twice" };', "return null;"],
      [
        "parts.ts",
        '    votes: row.state === "pending" ? countedVotes(parts, row) : row.votes,',
        "    votes: [],",
      ],
    ],
  },
  {
    name: "an id that was never issued is accepted",
    found: "P03",
    changes: [
      [
        "decide.ts",
        "if (loaded === undefined) return { answer: NEVER };",
        "if (loaded === undefined) return { answer: ACCEPTED };",
      ],
    ],
  },
  {
    name: "the seal is not compared",
    found: "P04",
    changes: [["kernel/seal.ts", "!isSameDigest(stored.now, stored.seal) ||", ""]],
  },
  {
    name: "what is stored is sealed again at the vote",
    found: "P15",
    changes: [
      [
        "decide.ts",
        "if (isYes && !isSameDigest(approval.seal, sealOf(parts, approval)))",
        'if (isYes && approval.seal === "")',
      ],
      ["kernel/seal.ts", "!isSameDigest(stored.now, stored.seal) ||", ""],
    ],
  },
  {
    name: "the arguments before the hook are sealed",
    found: "P05",
    changes: [["propose.ts", "storedArgs(parsed)", "storedArgs(call.args)"]],
  },
  {
    name: "what it is about is not read again",
    found: "P06",
    changes: [
      [
        "parts.ts",
        "return canonical(await factsNow(parts, action.name, action.args)) !== canonical(facts);",
        'return action === facts && (await factsNow(parts, "", null)) === null;',
      ],
    ],
  },
  {
    name: "who is logged in is not asked",
    found: "P10",
    changes: [
      ["decide.ts", "  if (!isLogin(who)) return NO_PERSON;\n  const pressed", "  const pressed"],
    ],
  },
  {
    name: "a named person is that person",
    found: "P08",
    changes: [
      [
        "contract.ts",
        'return typeof who === "object" && who !== null && LOGINS.has(who);',
        "return true;",
      ],
    ],
  },
  {
    name: "a stranger may decide",
    found: "P09",
    changes: [
      [
        "parts.ts",
        "role: parts.roleOf(voter), at: now, kept",
        'role: parts.roleOf(voter) ?? "member", at: now, kept',
      ],
    ],
  },
  {
    name: "the expiry is ignored",
    found: "P11",
    changes: [
      [
        "kernel/ballot.ts",
        "press.at.getTime() >= expiresAt.getTime()",
        "expiresAt.getTime() === 0",
      ],
    ],
  },
  {
    name: "stored decisions are trusted",
    found: "P15",
    changes: [
      [
        "parts.ts",
        "return hasEnough([...different.values()], needs) ? null",
        "return needs.count > 0 ? null",
      ],
    ],
  },
  {
    name: "nothing is looked up after a restore",
    found: "P15",
    changes: [
      [
        "run.ts",
        "restoredAt !== null && askedAt",
        "restoredAt !== null && askedAt.getTime() < 0 && askedAt",
      ],
    ],
  },
  {
    name: "always is for the tool",
    found: "P17",
    changes: [["parts.ts", "return digest(action);", "return digest(action.name);"]],
  },
  {
    name: "always is for a name on any server",
    found: "P18",
    changes: [
      [
        "parts.ts",
        "return digest(action);",
        'return digest({ ...action, name: action.name.split("/").at(-1) });',
      ],
    ],
  },
  {
    name: "allow wins over ask",
    found: "P19",
    changes: [["propose.ts", '["deny", "ask", "allow"]', '["deny", "allow", "ask"]']],
  },
  {
    name: "an edit keeps its votes",
    found: "P20",
    changes: [
      ["decide.ts", "votes: [], closing", "closing"],
      NO_MARKS,
      [
        "kernel/chain.ts",
        ".filter((vote) => vote.version === version && vote.seal === seal)",
        '.filter(() => version > 0 && seal !== "")',
      ],
    ],
  },
  {
    name: "a fetched link decides",
    found: "P21",
    changes: [
      [
        "door.ts",
        "const text = await gate.show(ticket);",
        'await gate.decide(ticket, who, { kind: "yes" });\n      const text = await gate.show(ticket);',
      ],
    ],
  },
  {
    name: "taking back is ignored",
    found: "P22",
    changes: [
      [
        "decide.ts",
        'if (parts.roleOf(who.id) === null) return refused("you may not decide this");\n  return parts',
        "if (ticket.version > 0) return ACCEPTED;\n  return parts",
      ],
    ],
  },
  {
    name: "one's own yes counts",
    found: "P23",
    changes: [
      [
        "decide.ts",
        "if (approval.needs.fourEyes !== true) return null;",
        "if (approval.version > 0) return null;",
      ],
    ],
  },
  {
    name: "neighbours do not wait",
    found: "P24",
    changes: [["statements.ts", "b.id = any(e.waits_for)", "b.id = ''"]],
  },
  {
    name: "a second yes acts again",
    found: "P25",
    changes: [
      [
        "kernel/ballot.ts",
        'if (state !== "pending") return',
        'if (state !== "pending" && state !== "approved") return',
      ],
      ["kernel/ballot.ts", 'return { why: "twice" };', "return null;"],
      ["kernel/ledger.ts", "in ('withdrawn', 'failed')", "in ('withdrawn', 'failed', 'done')"],
      ["run.ts", "if (happened !== undefined)", "if (happened === null)"],
    ],
  },
  {
    name: "recorded before the effect",
    found: "P26",
    changes: [
      [
        "run.ts",
        "const signal = AbortSignal.timeout(parts.callMs);\n  return",
        'const signal = AbortSignal.timeout(parts.callMs);\n  await recordDone(parts, effect, "");\n  return',
      ],
    ],
  },
  {
    name: "nothing is looked up after a crash",
    found: "P26",
    changes: [
      [
        "run.ts",
        "if (spec?.find === undefined)",
        'if (key !== "") return { state: "absent" };\n  if (spec?.find === undefined)',
      ],
    ],
  },
  {
    name: "a vote is counted twice",
    found: "P27",
    changes: [
      ["kernel/ballot.ts", 'return { why: "twice" };', "return null;"],
      ["parts.ts", "hasEnough([...different.values()], needs)", "hasEnough(counting, needs)"],
    ],
  },
  {
    name: "the lock is dropped",
    found: "P27",
    changes: [
      ["statements.ts", " for update of a`", "`"],
      [
        "statements.ts",
        "where a.id = n.id and a.key = n.key and a.version = $2::int and a.state = $3 and a.seal = $4 and a.votes = $5::jsonb",
        "where a.id = n.id and $2::int > 0 and $3 <> '' and $4 <> '' and $5::jsonb is not null",
      ],
    ],
  },
  {
    name: "keys are ignored",
    found: "P28",
    changes: [["propose.ts", "key: call.key === undefined ? id :", 'key: call.key !== "" ? id :']],
  },
  {
    name: "what waits is lost at a restart",
    found: "P30",
    changes: [
      [
        "statements.ts",
        "`update gate.effect set not_before = $2::timestamptz, leased_until = null where state = 'executing' and worker = $1`",
        "`with gone as (delete from gate.approval where state = 'pending') update gate.effect set not_before = $2::timestamptz, leased_until = null where state = 'executing' and worker = $1`",
      ],
    ],
  },
  {
    name: "a result is invented",
    found: "P31",
    changes: [
      [
        "run.ts",
        "return inTime(parts, spec.commit(action.args, { key, isFirst, signal }), signal);",
        'return spec.commit(action.args, { key, isFirst, signal }).catch(() => "invented");',
      ],
    ],
  },
  {
    name: "what is shown is cut",
    found: "P34",
    changes: [["parts.ts", '...by, wait].join("\\n");', '...by, wait].join("\\n").slice(0, 200);']],
  },
  {
    name: "a reason is lost",
    found: "P35",
    changes: [
      [
        "decide.ts",
        '"reason" in decision ? (decision.reason ?? "") : ""',
        '"reason" in decision ? "" : ""',
      ],
    ],
  },
  {
    name: "a no is asked again",
    found: "P35",
    changes: [
      [
        "propose.ts",
        "if (refused !== null) return refused;",
        'if (refused === "") return refused;',
      ],
    ],
  },
];
