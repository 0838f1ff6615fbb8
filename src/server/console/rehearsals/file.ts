/** A rehearsal as one HTML file for people without access to the console: no script, nothing loaded, ready to print. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Response } from "express";
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
import { counted } from "#core/values/words.ts";
import { stepsView } from "#server/console/case/trace.ts";
import type { Subject } from "#server/console/frame.ts";
import { aside, badge, fold, topicName } from "#server/console/parts.ts";
import type { Caller } from "#server/console/session.ts";
import { html, type Html } from "#server/http/html.ts";
import {
  AGREEMENTS,
  figuresView,
  PATH,
  ROUTES,
  sourceText,
  topicsView,
  VERDICTS,
  verdictView,
} from "./figures.ts";
import { differenceLines, ticketView, type Shown } from "./side-by-side.ts";
import { isDisagreement } from "./list.ts";

/** A rehearsal as a file. */
export const REHEARSAL_EXPORT: Subject = {
  place: PATH,
  files: { "/rehearsals/:id/file": exportRehearsal },
  leadsOnly: "only a lead may export a rehearsal",
};

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

async function exportRehearsal({ named, run, parts }: Caller, response: Response): Promise<void> {
  const id = named("id");
  const { rehearsal, tickets } = await run(async (transaction) => ({
    rehearsal: await readRehearsal(transaction, id),
    tickets: await rehearsalTickets(transaction, id),
  }));
  if (rehearsal === null) throw invalidInput("this rehearsal is not kept any more");
  const { zone } = parts.policy.digest;
  response.attachment(`rehearsal-${id}.html`).type("html");
  response.send(rehearsalFile(rehearsal, tickets, zone));
}

/** The whole file, with times in this zone. Names, addresses and numbers that lead to people are masked. */
function rehearsalFile(rehearsal: Rehearsal, tickets: readonly KeptTicket[], zone: string): string {
  const style = `${STYLES.map(read).join("\n")}${PRINTED}`;
  const hash = createHash("sha256").update(style).digest("base64");
  // The style is our own file and holds no markup; as a text it would be escaped and no longer be what the hash names.
  const policy = `default-src 'none'; style-src 'sha256-${hash}'`;
  const whole = page(rehearsal, tickets, { zone, policy }).toString();
  const [head = "", tail = ""] = whole.split(STYLE_PLACE);
  const count = counted(tickets.length, "ticket");
  return `${head}<style>${style}</style>${tail}\n<!-- Rehearsal ${rehearsal.id}, ${count}, without names -->\n`;
}

const STYLE_PLACE = '<meta name="style-place" />';

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, "../../pages", name), "utf8");
}

function page(
  rehearsal: Rehearsal,
  tickets: readonly KeptTicket[],
  { zone, policy }: { readonly zone: string; readonly policy: string },
): Html {
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
            ${first.map(({ kept }) => folded(kept, team, zone))}
            <h2>${counted(rest.length, "ticket")} without one</h2>
            ${rest.map(({ kept }) => folded(kept, team, zone))}
          </section>
        </main>
      </body>
    </html>`;
}

function folded(
  { played, verdict, keptAs }: KeptTicket,
  team: readonly string[],
  zone: string,
): Html {
  const shown = ticketMasker(played, team);
  const { ticket, topic, route, trace } = played;
  const agreement = comparisonAgreement(played.comparison);
  const [line = ""] = differenceLines(played.comparison);
  const said = [
    verdict !== null &&
      `${VERDICTS[verdict.right]}, says a lead (${momentText(new Date(verdict.at), zone)})`,
    keptAs !== "" && "kept as a candidate for a case",
  ].filter((words) => words !== false);
  return fold(
    html`<b>${shown(ticket.subject === "" ? `Ticket ${ticket.id}` : ticket.subject)}</b>
      ${badge(AGREEMENTS[agreement], agreement === "wrong" ? "danger" : "")}
      ${aside(`${topicName(topic)} · ${ROUTES[route]}${line === "" ? "" : ` · ${shown(line)}`}`)}`,
    html`<div class="stack">
      ${said.length > 0 && html`<p>${said.join("; ")}.</p>`}${ticketView(played, shown)}
      ${trace.spans.length > 0 && steps(played, shown)}
    </div>`,
    { class: "box" },
  );
}

/** Names of steps and their times; what they read stays out of a file that leaves the installation. */
function steps({ trace, playedAt }: KeptTicket["played"], shown: Shown): Html {
  const spans = trace.spans.map((span) => ({ ...span, name: shown(span.name), attributes: {} }));
  return html`<h3>Step by step</h3>
    ${stepsView(spans, spans[0]?.startedAt ?? playedAt)}`;
}
