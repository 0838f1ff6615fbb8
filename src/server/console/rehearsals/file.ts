/** A rehearsal as one HTML file for people without access to the console: no script, nothing loaded, ready to print. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RequestHandler } from "express";
import { invalidInput } from "#core/values/errors.ts";
import { momentText } from "#core/values/moment.ts";
import { comparisonAgreement, riskInOrder } from "#core/values/rehearsal.ts";
import { ticketMasker } from "#jobs/reports/candidate-cases.ts";
import {
  type KeptTicket,
  readRehearsal,
  type Rehearsal,
  rehearsalTickets,
} from "#store/rehearsal/rehearsals.ts";
import { readCaller, type Desk, requireLead } from "#server/console/visit.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { stepsView } from "#server/console/case/trace.ts";
import { badge } from "#server/console/parts.ts";
import { figuresView, topicsView, verdictView } from "./figures.ts";
import { differenceLines, ticketView, type Shown } from "./side-by-side.ts";
import { isDisagreement } from "./list.ts";
import { AGREEMENTS, ROUTES, sourceText, topicName, VERDICTS } from "./words.ts";
import { counted } from "#core/values/words.ts";

const STYLES = ["style.css", "console.css"] as const;

/** On paper, what is folded is open, and a ticket stays on one page where it fits. */
const PRINTED = `
.file { max-width: 1100px; }
.file details { margin: 0; }
.file summary { overflow-wrap: anywhere; }
@media print {
  :root { --ink: #000; --ground: #fff; --paper: #fff; }
  body { font-size: 11px; }
  details::details-content { content-visibility: visible; height: auto; }
  .box, tr { break-inside: avoid; }
  details.box { break-inside: auto; }
}
`;

/** What the file is made of. */
interface ReportedRehearsal {
  readonly rehearsal: Rehearsal;
  readonly tickets: readonly KeptTicket[];
  /** The time zone of every time in the file. */
  readonly zone: string;
}

/** Answers a lead with the file of a rehearsal. */
export function exportRehearsal(desk: Desk): RequestHandler {
  return async (request, response) => {
    const lead = await readCaller(desk, request);
    requireLead(lead, "only a lead may export a rehearsal");
    const id = lead.named("id");
    const { rehearsal, tickets } = await lead.run(async (transaction) => ({
      rehearsal: await readRehearsal(transaction, id),
      tickets: await rehearsalTickets(transaction, id),
    }));
    if (rehearsal === null) throw invalidInput("this rehearsal is not kept any more");
    const { zone } = lead.parts.policy.digest;
    response.attachment(`rehearsal-${id}.html`).type("html");
    response.send(rehearsalFile({ rehearsal, tickets, zone }));
  };
}

/** The whole file. Names, addresses and numbers that lead to people are masked. */
function rehearsalFile(reported: ReportedRehearsal): string {
  const { rehearsal, tickets } = reported;
  const style = `${STYLES.map(read).join("\n")}${PRINTED}`;
  const hash = createHash("sha256").update(style).digest("base64");
  // The style is our own file and holds no markup; as a text it would be escaped and no longer be what the hash names.
  const [head = "", tail = ""] = page(reported, `default-src 'none'; style-src 'sha256-${hash}'`)
    .toString()
    .split(STYLE_PLACE);
  const count = counted(tickets.length, "ticket");
  return `${head}<style>${style}</style>${tail}\n<!-- Rehearsal ${rehearsal.id}, ${count}, without names -->\n`;
}

const STYLE_PLACE = '<meta name="style-place" />';

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, "../../pages", name), "utf8");
}

function page(reported: ReportedRehearsal, policy: string): Html {
  const { rehearsal, tickets, zone } = reported;
  const { summary, source, model, startedAt, isRehearsalModel, policyVersion } = rehearsal;
  const judged = tickets.map((kept) => ({
    kept,
    agreement: comparisonAgreement(kept.played.comparison),
  }));
  const first = judged
    .filter(isDisagreement)
    .toSorted((one, other) => riskInOrder(other.kept.played) - riskInOrder(one.kept.played));
  // Answers name colleagues, so that a ticket is masked with the names of all who answered.
  const team = [...new Set(tickets.map(({ played }) => played.ticket.answer.by))];
  const rest = judged.filter((one) => !isDisagreement(one));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Rehearsal of ${counted(rehearsal.tickets, "ticket")}</title>
        <meta name="style-place" />
      </head>
      <body class="desk">
        <main class="file">
          <h1>Rehearsal of ${counted(rehearsal.tickets, "ticket")}</h1>
          <p class="soft">
            From ${sourceText(source)} · ${momentText(startedAt, zone)} ${zone} ·
            ${isRehearsalModel ? "rehearsal rules" : model} · policy ${policyVersion.slice(0, 12)} ·
            names, addresses and numbers masked
          </p>
          ${
            summary === null
              ? html`<p class="box">There are no figures yet.</p>`
              : html`${verdictView(summary, { isRehearsalModel, disagreements: first.length })}
                ${figuresView(summary)}${topicsView(summary, () => null)}`
          }
          <section class="stack" id="tickets">
            <h2>${counted(first.length, "disagreement")}</h2>
            ${first.map(({ kept }) => folded(kept, { ...reported, team }))}
            <h2>${counted(rest.length, "ticket")} without one</h2>
            ${rest.map(({ kept }) => folded(kept, { ...reported, team }))}
          </section>
        </main>
      </body>
    </html>`;
}

function folded(
  { played, verdict, keptAs }: KeptTicket,
  { zone, team }: ReportedRehearsal & { readonly team: readonly string[] },
): Html {
  const shown = ticketMasker(played, team);
  const { ticket, topic, route, trace } = played;
  const agreement = comparisonAgreement(played.comparison);
  const [line = ""] = differenceLines(played.comparison);
  return html`<details class="box">
    <summary>
      <b>${shown(ticket.subject === "" ? `Ticket ${ticket.id}` : ticket.subject)}</b>
      ${badge(AGREEMENTS[agreement], agreement === "wrong" ? "danger" : "")}
      <span class="soft"
        >${topicName(topic)} · ${ROUTES[route]}${line === "" ? "" : ` · ${shown(line)}`}</span
      >
    </summary>
    <div class="stack">
      ${said({ verdict, keptAs, zone })}${ticketView(played, shown)}
      ${trace.spans.length > 0 && steps(played, shown)}
    </div>
  </details>`;
}

function said({
  verdict,
  keptAs,
  zone,
}: Pick<KeptTicket, "verdict" | "keptAs"> & { readonly zone: string }): HtmlValue {
  const parts = [
    ...(verdict === null
      ? []
      : [`${VERDICTS[verdict.right]}, says a lead (${momentText(new Date(verdict.at), zone)})`]),
    ...(keptAs === "" ? [] : ["kept as a candidate for a case"]),
  ];
  return parts.length === 0 ? null : html`<p>${parts.join("; ")}.</p>`;
}

/** Names of steps and their times; what they read stays out of a file that leaves the installation. */
function steps({ trace, playedAt }: KeptTicket["played"], shown: Shown): Html {
  const spans = trace.spans.map((span) => ({ ...span, name: shown(span.name), attributes: {} }));
  return html`<h3>Step by step</h3>
    ${stepsView(spans, spans[0]?.startedAt ?? playedAt)}`;
}
