/** What none of the three SDKs' documents describe: it is the application's part there, so there is no verdict. */
import { lacking } from "@deskhand/gate-conformance/contract.ts";

const PEOPLE = "who decides is the application's part";
const TIME = "an approval waits without end";
const TOOLS = "what a tool does with its arguments is the application's part";

export const NOT_CLAIMED = {
  personName: lacking(PEOPLE),
  two: lacking(PEOPLE),
  another: lacking(PEOPLE),
  none: lacking(PEOPLE),
  anonymous: lacking(PEOPLE),
  claiming: lacking(PEOPLE),
  visit: lacking(PEOPLE),
  settles: lacking("two decisions at once are the application's part"),
  pass: lacking(TIME),
  expiresAfterMs: lacking(TIME),
  rewritten: lacking(TOOLS),
  refer: lacking(TOOLS),
  changeContent: lacking(TOOLS),
  keyed: lacking("nothing is said of the same action proposed twice"),
  next: lacking("a paused run proposes nothing, and nothing is said of the same call after a no"),
  direct: lacking("a direct call of a tool's function is the application's own"),
  ordered: lacking("calls of one step may run side by side"),
  elsewhere: lacking("the suite gives it no tool servers"),
  harmless: lacking("the suite gives it no tool servers"),
  ruled: lacking("one rule decides for a tool; layers are not described"),
  crashAt: lacking("nothing is said of an effect whose record is lost"),
  withdraw: lacking("taking a decision back is not described"),
  say: lacking("a paused run takes nothing but the answers to its approvals"),
  alwaysExact: lacking("no standing yes for one exact call is described"),
} as const;
