/**
 * The target named `system`: every change in a system of your own, under its key; and its request as people are shown
 * it, with marks for secrets.
 */
import type { CommitResult, EffectLookup, Target } from "#core/contracts/tool.ts";
import type { SystemArguments, Action } from "#core/values/action.ts";
import { isRecord } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { formatMoney, leftIn } from "#core/values/money.ts";
import { changeFailure, refusalIn } from "#systems/http/exchange.ts";
import { prepareRequest, type PreparedRequest } from "#systems/http/prepare-request.ts";
import { placedCredentials, type SystemSettings } from "#systems/http/authentication.ts";
import { recordAccount } from "./amounts.ts";
import type {
  SystemTool,
  Value,
  WriteDeclaration,
  FindRule,
  Authentication,
  Connection,
} from "./contract.ts";
import { type SystemPorts, valuesIn } from "./look-up.ts";
import { fieldAt, recordsAt, type RequestValues, isSameValue, plain } from "./request-values.ts";
import { meantRecord } from "./declared-tools.ts";
import { type Change, systemChange, isSent, unmet } from "./planned-change.ts";

/**
 * Carries out the changes of all write declarations. Right before each one the record is read and proven again; what
 * people decided on must still be so. A receipt about anything else than was asked is a contradiction, and a lost answer
 * is looked for by the declaration's own rule.
 */
export function systemTarget(declarations: readonly SystemTool[], ports: SystemPorts): Target {
  return {
    name: "system",
    supports: declarations.flatMap((one) => (one.kind === "write" ? [one.operation] : [])),
    async commit(action, key, signal, isFirst = () => true) {
      const change = systemChange(declarations, action, key);
      requireSystem(change, isFirst());
      const isFound = change.declaration.find.by !== "nothing";
      // A call that was given up may have arrived since it was last looked for.
      const earlier = isFound && !isFirst() ? await findChange(ports, change, signal) : null;
      if (earlier?.state === "done") return earlier.committed;
      const problem = await changedSince(ports, change, signal);
      if (problem === null) return carryOut(ports, change, signal);
      // A request of ours that was given up may have arrived since: then the record has changed by it.
      const ours = isFound ? await findChange(ports, change, signal) : null;
      if (ours?.state === "done") return ours.committed;
      throw ours?.state === "unknowable" ? unproven(change.declaration, ours.reason) : problem;
    },
    async find(action, key, signal): Promise<EffectLookup> {
      const change = systemChange(declarations, action, key);
      const elsewhere = otherSystem(change);
      if (elsewhere !== null) return unknowable(`${elsewhere}; look in the one before`);
      const found = await findChange(ports, change, signal);
      const { commit, connection } = change.declaration;
      if (found.state === "absent" && commit.mayVanish === true)
        return unknowable(
          `${connection.name} shows nothing of it, but removes its record where another company that it asked does not answer; look there too`,
        );
      if (found.state !== "absent" || commit.isLater === undefined) return found;
      // It may be under way there, and that system does not tell: it is looked for again, and never sent again.
      throw new DeskhandError(
        "system.unavailable",
        `${connection.name} does not show it as done, and does not tell whether it was taken on. It is looked at again`,
      );
    },
  };
}

/** Says that what was decided for one system would be carried out in another that has the operation now; null where not. */
function otherSystem({ declaration, given }: Change): string | null {
  const { operation, connection } = declaration;
  return given.system === connection.name
    ? null
    : `${operation} was decided for ${given.system}, and ${connection.name} has it now`;
}

/** Once a change was begun, the system before may have done it: then it is unproven, and not said to be unsent. */
function requireSystem(change: Change, isFirst: boolean): void {
  const elsewhere = otherSystem(change);
  if (elsewhere === null) return;
  if (!isFirst) throw unproven(change.declaration, elsewhere);
  throw new DeskhandError("system.refused", `${elsewhere}. Nothing was sent. Ask for it again.`);
}

/** Reads the record again: null when it is as it was, otherwise `system.refused` in words that people act on. */
async function changedSince(
  ports: SystemPorts,
  { declaration, given, values }: Change,
  signal: AbortSignal,
): Promise<DeskhandError | null> {
  const { about, connection } = declaration;
  const { input, requester } = values;
  const record = await meantRecord(ports, declaration, { input, requester, signal });
  const id = idIn(given.record, about.id);
  const reason =
    record === null
      ? `${id} is not there any more, or is not this customer's`
      : (unmet(declaration, record)?.replace(/\.$/, "") ??
        changedField(declaration, given, record) ??
        tooMuch(declaration, given, record));
  if (reason === null) return null;
  return new DeskhandError(
    "system.refused",
    `${reason}. Nothing was sent to ${connection.name}. Look at it there, and answer the customer or propose it again.`,
  );
}

/** What differs from what people decided on; null when nothing does. */
function changedField(
  { about }: WriteDeclaration,
  given: SystemArguments,
  record: unknown,
): string | null {
  for (const field of [about.id, ...about.unchanged]) {
    const [before, now] = [fieldAt(given.record, field), fieldAt(record, field)];
    if (isSameValue(before, now)) continue;
    // An address is not quoted: what is said here stands in the log too.
    const how = isRecord(before ?? now) ? "" : ` was ${text(before)} and is ${text(now)}`;
    return `${idIn(given.record, about.id)} has changed since it was decided: ${field}${how}`;
  }
  return null;
}

function tooMuch(
  { about, money }: WriteDeclaration,
  given: SystemArguments,
  record: unknown,
): string | null {
  if (money === undefined || given.money === null) return null;
  const account = recordAccount(record, money);
  const left = account === null ? null : leftIn(account);
  const { amount } = given.money;
  if (left !== null && left.currency === amount.currency && amount.minor <= left.minor) return null;
  const most = left === null ? "nothing" : formatMoney(left);
  return `Of ${idIn(given.record, about.id)} at most ${most} can go back now, and ${formatMoney(amount)} was decided`;
}

function idIn(record: unknown, path: string): string {
  return String(plain(fieldAt(record, path)) ?? "The record");
}

function text(value: unknown): string {
  return value === undefined || value === null ? "empty" : JSON.stringify(value).slice(0, 100);
}

async function carryOut(
  ports: SystemPorts,
  change: Change,
  signal: AbortSignal,
): Promise<CommitResult> {
  const { declaration, values } = change;
  const { connection, commit } = declaration;
  const prepared = prepareRequest(withKey(commit), values);
  if (prepared.kind === "refused")
    throw new DeskhandError(
      "system.refused",
      `${prepared.reason}. Nothing was sent to ${connection.name}.`,
    );
  const ended = await ports.clientOf(connection).exchange(prepared.request, signal);
  const carriesKey = commit.idempotency !== null;
  const failure = changeFailure(connection, ended, { carriesKey });
  if (failure !== null) throw failure;
  const body = ended.kind === "answered" ? ended.body : undefined;
  const refusal = statedRefusal(declaration, body);
  if (refusal !== null) throw refusal;
  const committed = checkedReceipt(declaration, body, values);
  const saysNoAmount = declaration.money !== undefined && (commit.amount ?? null) === null;
  return saysNoAmount || commit.isLater === true ? foundToo(ports, change, signal) : committed;
}

/** Its answer names no amount or says only that it was begun, so it is done only where the system shows it. */
async function foundToo(
  ports: SystemPorts,
  change: Change,
  signal: AbortSignal,
): Promise<CommitResult> {
  const found = await findChange(ports, change, signal);
  if (found.state === "done") return found.committed;
  const { commit, connection } = change.declaration;
  if (commit.isLater === true)
    throw new DeskhandError(
      "system.uncertain",
      `${connection.name} has taken it on and does not show it as done yet`,
    );
  throw unproven(
    change.declaration,
    found.state === "absent" ? "it shows no such change" : found.reason,
  );
}

/** The answer of success that does not say what was asked for: the system is asked, and then a person. */
function unproven({ connection }: WriteDeclaration, why: string, cause?: unknown): DeskhandError {
  return new DeskhandError(
    "system.contradicted",
    `${connection.name} may have done it, and does not prove it: ${why}`,
    { cause },
  );
}

/** A key that met its own first attempt is another matter: that one may have been carried out. */
const ABOUT_THE_KEY = /idempoten/i;

/** What an answer with a status of success refuses; null where it names what was made. */
function statedRefusal(
  { connection, commit }: WriteDeclaration,
  body: unknown,
): DeskhandError | null {
  if (commit.refusedWith === undefined) return null;
  const said = refusalIn(body, commit.refusedWith);
  if (said === null || plain(fieldAt(body, commit.ref)) !== null) return null;
  return commit.idempotency !== null && ABOUT_THE_KEY.test(said)
    ? new DeskhandError("system.uncertain", `${connection.name} may have done it: ${said}`)
    : new DeskhandError("system.refused", `${connection.name} said no: ${said}`);
}

/** The request with its key at the place where the system looks for it. */
function withKey({
  request,
  idempotency,
}: WriteDeclaration["commit"]): WriteDeclaration["commit"]["request"] {
  if (idempotency === null) return request;
  const key: Value = { from: "key" };
  const { name } = idempotency;
  if (idempotency.in === "header")
    return { ...request, headers: { ...request.headers, [name]: key } };
  const body = request.body ?? { encoding: "json" as const, fields: {} };
  return { ...request, body: { ...body, fields: { ...body.fields, [name]: key } } };
}

function checkedReceipt(
  declaration: WriteDeclaration,
  body: unknown,
  values: RequestValues,
): CommitResult {
  const { commit, about, money } = declaration;
  // A system may answer without content that it is done.
  const receipt = commit.receipt.safeParse(body ?? {});
  if (!receipt.success)
    throw unproven(declaration, "its receipt is not of the form that was imported", receipt.error);
  const amount: Readonly<Record<string, Value>> =
    money === undefined || typeof commit.amount !== "string"
      ? {}
      : { [commit.amount]: { from: "input", name: money.amount } };
  const other = Object.entries({ ...commit.same, ...amount }).find(
    ([field, value]) => !isSent(fieldAt(receipt.data, field), value, values),
  );
  if (other !== undefined)
    throw unproven(
      declaration,
      `the receipt is not about what was asked: ${other[0]} is ${text(fieldAt(receipt.data, other[0]))}`,
    );
  // Some systems answer with nothing that names the change: the record it is about then does.
  const ref =
    commit.ref === "" ? fieldAt(values.record, about.id) : fieldAt(receipt.data, commit.ref);
  const shown = typeof ref === "number" ? String(ref) : ref;
  if (typeof shown !== "string" || shown === "")
    throw unproven(declaration, `the receipt has no ${commit.ref}`);
  return { ref: shown, conversationKeys: [] };
}

// Finds out what became of a change whose answer was lost.

/**
 * Asks the system by the declaration's rule. One record under our key, or one that shows what was asked, means done; none
 * means that it did not happen, so it may be tried again; several, or a system that cannot tell, need a person. Throws
 * `system.unavailable` for a system that cannot be asked.
 */
async function findChange(
  ports: SystemPorts,
  change: Change,
  signal: AbortSignal,
): Promise<EffectLookup> {
  const { declaration, values } = change;
  const { find, connection } = declaration;
  if (find.by === "nothing") return unknowable(find.because);
  const prepared = prepareRequest(find.from.request, values);
  if (prepared.kind === "refused") return unknowable(prepared.reason);
  const answer = await ports.clientOf(connection).read(prepared.request, signal);
  // One record under a key that does not exist was never made. A list or a record that is gone says nothing.
  if (answer.kind === "absent" && find.by === "key" && !find.from.many) return { state: "absent" };
  const found = answer.kind === "found" ? recordsAt(answer.body, find.from) : null;
  if (found === null) return unknowable(`${connection.name} does not show where it would be`);
  return amongFound(find, found, change);
}

function amongFound(find: Findable, found: readonly unknown[], change: Change): EffectLookup {
  const { name } = change.declaration.connection;
  const fitting = found.filter((record) => fits(find, record, change));
  const [one, ...others] = fitting;
  if (one === undefined)
    return isOfEverybody(find)
      ? unknowable(`${name} lists the changes of everybody, of which one page was seen`)
      : { state: "absent" };
  if (others.length > 0) return unknowable(`${fitting.length} records of ${name} look like it`);
  const narrowed = find.from.record.safeParse(one);
  const isAsked = narrowed.success && (find.by !== "key" || isAll(find.same ?? {}, one, change));
  const ref = isAsked ? plain(fieldAt(narrowed.data, find.ref)) : null;
  return ref === null || ref === ""
    ? unknowable(`the record of ${name} is not one that proves it`)
    : { state: "done", committed: { ref: String(ref), conversationKeys: [] } };
}

/** A list that nothing narrows: what is not on its page may be there all the same. */
function isOfEverybody({ by, from: { many, request } }: Findable): boolean {
  return by === "key" && many && valuesIn(request).every(({ value }) => value.from === "fixed");
}

function unknowable(reason: string): EffectLookup {
  return { state: "unknowable", reason };
}

type Findable = Exclude<FindRule, { by: "nothing" }>;

function fits(find: Findable, record: unknown, change: Change): boolean {
  if (find.by === "looking") return isAll(find.shows, record, change);
  // A system may have changed the text around the key.
  const field = fieldAt(record, find.keyField);
  return typeof field === "string" && field.includes(change.values.key);
}

function isAll(
  same: Readonly<Record<string, Value>>,
  record: unknown,
  { values }: Change,
): boolean {
  return Object.entries(same).every(([field, value]) =>
    isSent(fieldAt(record, field), value, values),
  );
}

/**
 * Method, address, headers and body as they would travel; null for an action of another target. Throws like the target
 * for an action that no tool has.
 */
export function shownRequest(
  declarations: readonly SystemTool[],
  settings: SystemSettings,
  { action, key }: { readonly action: Action; readonly key: string },
): string | null {
  if (action.target !== "system") return null;
  const { declaration, values } = systemChange(declarations, action, key);
  const { connection, commit } = declaration;
  const prepared = prepareRequest(withKey(commit), values);
  if (prepared.kind === "refused") return `None: ${prepared.reason}.`;
  const { request } = prepared;
  const { authentication } = connection;
  const signature = placedCredentials(authentication, `[${credentialsName(authentication)}]`);
  return [
    `${request.method} ${addressShown(connection, settings)}${request.path}${queryShown(request, signature.query)}`,
    ...headersShown(connection, request, Object.entries(signature.headers)),
    ...(request.body === null ? [] : ["", bodyShown(request.body)]),
  ].join("\n");
}

function addressShown({ addressFrom, address }: Connection, settings: SystemSettings): string {
  return (settings.text(addressFrom) ?? address ?? `[${addressFrom} is not set]`).replace(
    /(?<!\/)\/+$/,
    "",
  );
}

type Shown = readonly (readonly [name: string, value: string])[];

function credentialsName(authentication: Authentication): string {
  switch (authentication.kind) {
    case "none":
      return "";
    case "basic":
      return `${authentication.user}:${authentication.secret}`;
    case "client-credentials":
      return `a token for ${authentication.client}`;
    case "api-key":
    case "bearer":
      return authentication.secret;
  }
}

function queryShown({ query }: PreparedRequest, signature: Shown): string {
  const pairs = [...query, ...signature].map((pair) => pair.join("="));
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function headersShown(
  { headers = {} }: Connection,
  request: PreparedRequest,
  signature: Shown,
): readonly string[] {
  const type: Shown = request.body === null ? [] : [["Content-Type", request.body.type]];
  const all = [
    ...Object.entries(headers),
    ...Object.entries(request.headers),
    ...type,
    ...signature,
  ];
  return all.map(([name, value]) => `${name}: ${value}`);
}

/** JSON over several lines, a form with one field a line. */
function bodyShown({ type, text }: NonNullable<PreparedRequest["body"]>): string {
  if (type === "application/x-www-form-urlencoded")
    return [...new URLSearchParams(text)].map((pair) => pair.join("=")).join("\n");
  return JSON.stringify(JSON.parse(text), null, 2);
}
