/** The people of these tests: customers who write and teammates who decide. */
import type { IdentityEvidence } from "#core/values/identity.ts";
import type { Role } from "#core/values/vocabulary.ts";
import { TEAM } from "#sandbox/world.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";

/** A user at a desk; `human` is the real person, whatever names the desk has for them. */
export interface Clicker {
  readonly human: string;
  /** The role this human has under these tests' policy; null for none. */
  readonly role: Role | null;
  readonly teammate: DeskTeammate;
}

/** The team, and outsiders who see the same buttons. One human may be listed under several names. */
export const CLICKERS = {
  sam: clicker("sam", "support", { id: "U0SAM", name: TEAM.sam.name, email: TEAM.sam.email }),
  lea: clicker("lea", "lead", { id: "U0LEA", name: TEAM.lea.name, email: TEAM.lea.email }),
  leaByConsole: clicker("lea", "lead", {
    id: TEAM.lea.email,
    name: TEAM.lea.name,
    email: TEAM.lea.email,
  }),
  leaInCapitals: clicker("lea", "lead", {
    id: "U0LEA",
    name: TEAM.lea.name,
    email: "Lea@OurShop.Test",
  }),
  leaWithoutMail: clicker("lea", "lead", { id: "U0LEA", name: TEAM.lea.name, email: null }),
  lee: clicker("lee", "lead", { id: "U0LEE", name: TEAM.lee.name, email: TEAM.lee.email }),
  dana: clicker("dana", "support", { id: "U0DANA", name: TEAM.dana.name, email: TEAM.dana.email }),
  ned: clicker("ned", null, { id: "U0NED", name: TEAM.ned.name, email: TEAM.ned.email }),
  guest: clicker("guest", null, {
    id: "U0GUEST",
    name: "Sam as a guest",
    email: TEAM.sam.email,
    eligible: false,
  }),
} as const;
export type ClickerName = keyof typeof CLICKERS;

function clicker(
  human: string,
  role: Role | null,
  teammate: Omit<DeskTeammate, "eligible"> & { readonly eligible?: boolean },
): Clicker {
  return { human, role, teammate: { eligible: true, ...teammate } };
}

/** Customers as their channels prove them; Bob also writes once without proof. */
export const WRITERS = {
  ann: { id: "email:ann@customer.test", name: "Ann Fields", customerId: "u123", level: 2 },
  bob: { id: "email:bob@elsewhere.test", name: "Bob Marsh", customerId: "u456", level: 2 },
  stranger: { id: "email:bob@elsewhere.test", name: "Bob Marsh", customerId: "u456", level: 1 },
} as const;
export type WriterName = keyof typeof WRITERS;

export function evidenceOf(writer: WriterName): IdentityEvidence {
  const { customerId, level } = WRITERS[writer];
  return {
    level,
    method: level >= 2 ? "dkim" : "claimed",
    reason: level >= 2 ? "the signature is aligned" : "it is not signed",
    handle: { kind: "customer", customerId },
  };
}
