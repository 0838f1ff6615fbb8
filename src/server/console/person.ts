/** What is kept about one person: leads see it, have it as a file, and erase it. */

import type { Response } from "express";
import { z } from "zod";
import { errorCode, invalidInput } from "#core/values/errors.ts";
import {
  findPersonTraces,
  isWithoutTraces,
  type PersonTraces,
} from "#jobs/privacy/erase-person.ts";
import { personAsked, stepsByHand } from "#jobs/operating/person-asked.ts";
import {
  eraseListed,
  namesAsked,
  personFile,
  tracesInWords,
  type PersonRequest,
  unreadLine,
} from "#jobs/privacy/person-request.ts";
import { counted } from "#core/values/words.ts";
import { addressWith, html, type HtmlValue } from "#server/http/html.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { nameText, type PersonName } from "#store/people/person-names.ts";
import { dataForm, field, hidden, searchForm } from "./forms.ts";
import { sends, type PageContent, type Subject } from "./frame.ts";
import { link, none, row, section, soft, trace } from "./parts.ts";
import type { Caller, Visit } from "./session.ts";

const PATH = "/console/person";
const NAME_MAX = 320;

const Sent = z.object({
  q: z.string().trim().min(1).max(NAME_MAX),
  again: z.string().trim(),
  customer: z.string().trim().max(NAME_MAX).default(""),
});

/** The page, the file, and what its form sends. */
export const PERSON: Subject = {
  place: "/console/health",
  pages: { "/person": personPage },
  instead: { title: "A person's data", body: none("Only a lead can do this.") },
  presses: { "/person/erase": sends(Sent, erased) },
  files: { "/person/file.json": exported },
  leadsOnly: "only a lead can see or erase all that is kept about a person",
};

function requestFrom({ parts: { store, clock }, options }: Caller): PersonRequest {
  return { ...options.personal, store, clock };
}

/** What the page showed, whether or not the shop answers again: the name, and the customer's id the shop had for it. */
async function shown(
  caller: Caller,
  typed: string,
  customer: string,
): Promise<{ readonly request: PersonRequest; readonly traces: PersonTraces }> {
  const request = requestFrom(caller);
  const inShop: PersonName[] = customer === "" ? [] : [{ kind: "customer", value: customer }];
  const names = [...(await namesAsked(request, typed)), ...inShop];
  return { request, traces: await findPersonTraces(request, names) };
}

/** What there is, before anything is done with it. */
async function personPage(visit: Visit): Promise<PageContent> {
  const typed = visit.asked("q").slice(0, NAME_MAX).trim();
  return {
    title: "A person's data",
    tools: html`${soft("Everything kept about a customer or a teammate, on all channels. Looking changes nothing.")}
    ${searchForm(PATH, { label: "Address, or as customer:…, chat:…, zendesk:…", typed, max: NAME_MAX })}`,
    body: typed === "" ? null : await keptView(visit, typed),
  };
}

async function keptView(visit: Visit, typed: string): Promise<HtmlValue> {
  const kept = await personAsked(visit.parts, typed).catch(unsaid);
  if (typeof kept === "string") return none(kept, "unsaid");
  const { names, inShop } = kept;
  const request = requestFrom(visit);
  const traces = await findPersonTraces(request, names);
  const said = inShop === null ? [] : [inShop];
  if (isWithoutTraces(traces))
    return none([`Nothing is kept about ${typed}.`, ...said].join(" "), "nothing");
  const [name, customer] = names;
  const q = name === undefined ? typed : nameText(name);
  const sent = { q, customer: customer?.value ?? "" };
  const again = html`required="" maxlength="${NAME_MAX}"`;
  return html`${section(
    "kept",
    "What is kept",
    html`${trace([...said, ...tracesInWords(traces)].join("\n"))}
    ${row(link(addressWith(`${PATH}/file.json`, sent), "Download what was written", "button"))}`,
  )}
  ${section(
    "erase",
    "Erase this person",
    html`${trace(stepsByHand(request, traces).join("\n"))}
    ${dataForm(`${PATH}/erase`, { press: "Erase for good", isDanger: true }, [
      soft(
        "It cannot be undone. Text, mails, files and names go; the ledger and the audit keep what was done, without the person.",
      ),
      hidden(sent),
      field("again", `Type ${q} to erase it`, "", again),
    ])}`,
  )}`;
}

/** Why it is not clear who is meant. */
function unsaid(error: unknown): string {
  if (errorCode(error) === "input.invalid" && error instanceof Error) return error.message;
  throw error;
}

/** Says what is left to do by hand, while that is still known: nothing of it is kept. */
async function erased(
  caller: Caller,
  { q, again, customer }: z.infer<typeof Sent>,
): Promise<object> {
  if (q !== again) throw invalidInput(`type ${q} to erase this person; nothing was changed`);
  const { request, traces } = await shown(caller, q, customer);
  await audit(caller, "person_erased_by");
  const { busy, unread } = await eraseListed(request, traces);
  if (busy.length > 0)
    throw invalidInput(
      `something is under way in ${counted(busy.length, "conversation")}; the rest is erased, try again in a minute`,
    );
  const said = ["Erased.", unreadLine(unread.length), ...stepsByHand(request, traces)];
  return { said: said.filter((line) => line !== "").join("\n") };
}

async function exported(caller: Caller, response: Response): Promise<void> {
  const { request, traces } = await shown(caller, caller.asked("q"), caller.asked("customer"));
  await audit(caller, "person_exported");
  response
    .attachment("person.json")
    .type("json")
    .send(JSON.stringify(await personFile(request, traces), null, 2));
}

/** Who did it; about whom is not written down, since that is to be forgotten. */
function audit(caller: Caller, kind: string): Promise<void> {
  return caller.run(async (transaction) => {
    const data = { user: await caller.pseudonym(transaction) };
    await appendAudit(transaction, { kind, data }, caller.now);
  });
}
