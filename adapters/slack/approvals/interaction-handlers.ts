/** Handles clicks, forms and commands from Slack, and shows the Home tab. */

import { setTimeout as delay } from "node:timers/promises";
import type { types } from "@slack/bolt";
import type { DeskAnswer, DeskTeammate, DeskOverview } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import { Done, slackWord, type Call } from "#slack/api/web-api.ts";
import {
  type CardVersion,
  type Decided,
  decidedInteraction,
  parsedInteraction,
  type FormOpening,
} from "./parse-interaction.ts";
import type { ClickListeners, SubmitAnswer } from "#slack/transport/slack-app.ts";
import { serveCommand, type CommandParts, replyEphemerally } from "./slash-commands.ts";
import {
  editView,
  loadingView,
  noticeView,
  opinionView,
  redraftView,
  rejectView,
  traceView,
} from "./modals.ts";
import { ViewAnswer } from "#slack/api/schema.ts";
import { showOnMessage } from "./alerts.ts";
import {
  deskTeammate,
  isForeign,
  provenTeammate,
  UNCHECKED,
  type ClaimedPerson,
} from "#slack/api/workspace.ts";
import { momentText } from "#core/values/moment.ts";
import { linkButton, note, plainText, section, webLink } from "#slack/api/text.ts";

/** A submitted modal must be answered within three seconds; a slower result is sent afterwards. */
const SUBMIT_ANSWER_MS = 2_200;

const OUTDATED = "This is from an older version of Deskhand. Use the newest card in the channel.";
const UNRECORDED = "This could not be recorded just now. Nothing was changed; try again.";
const TOO_SLOW = "Slack stopped waiting for the form. Press the button again.";
const NO_ROLE = "Only people with a role in Deskhand's policy can read this.";
const UNREAD = "This could not be looked up just now. Try again, or look in the console.";
const FOREIGN = "Only active members of this workspace can decide here.";

/** Serves the buttons and forms of cards. It decides nothing itself: the desk handler compares and sets. */
export function interactionHandlers(parts: CommandParts): ClickListeners {
  return {
    async clicked(body, acknowledge) {
      await acknowledge();
      const interaction = parsedInteraction(body);
      if (interaction === null) {
        parts.log.warn("slack sent an interaction of an unknown form");
        return;
      }
      switch (interaction.kind) {
        case "decided": {
          const { answer } = await decide(parts, interaction);
          // On an alert or a list, everybody is shown who has the case; only a refusal is for one person.
          const shown = answer.accepted && (await showOnMessage(parts, interaction, answer));
          if (!shown) await replyEphemerally(parts, interaction, answer.message);
          break;
        }
        case "form":
          await openForm(parts, interaction);
          break;
        case "followed":
          // A link button: the browser has already opened it.
          break;
        case "outdated":
        case "incomplete":
          await replyEphemerally(parts, interaction, OUTDATED);
          break;
      }
    },

    async submitted(body, acknowledge) {
      const interaction = parsedInteraction(body);
      if (interaction?.kind === "incomplete") {
        await acknowledge({ response_action: "errors", errors: { ...interaction.errors } });
        return;
      }
      if (interaction?.kind !== "decided") {
        await acknowledge({
          response_action: "update",
          view: noticeView("Outdated", OUTDATED),
        });
        return;
      }
      const deciding = decide(parts, interaction);
      const inTime = await Promise.race([deciding, delay(SUBMIT_ANSWER_MS, null, { ref: false })]);
      if (inTime === null) {
        await acknowledge({ response_action: "update", view: loadingView("Deskhand") });
        await showLate(parts, interaction, ViewAnswer.parse(body).view.id, await deciding);
        return;
      }
      const shown = submitAnswer(interaction, inTime);
      await (shown === undefined ? acknowledge() : acknowledge(shown));
      // A result shown in the modal is not sent again.
      if (shown === undefined) await replyEphemerally(parts, interaction, inTime.answer.message);
    },

    async commanded(body, acknowledge) {
      await acknowledge();
      await serveCommand(parts, body);
    },

    homeOpened: (person) => showHome(parts, person),

    async messageGone(ref) {
      try {
        await parts.handler.cardGone(ref);
      } catch (error) {
        // The next update of the card notices the deletion as well.
        parts.log.warn("a card that was deleted could not be noted", { reason: reasonOf(error) });
      }
    },
  };
}

interface Decision {
  readonly answer: DeskAnswer;
  /** True when the failure is temporary, so the form stays open with what was typed. */
  readonly passing: boolean;
}

async function decide(parts: CommandParts, { person, decided }: Decided): Promise<Decision> {
  const teammate = await provenTeammate(person, parts);
  if (teammate === null) return retryableRefusal(UNCHECKED);
  try {
    return { answer: await parts.handler.decide({ ...decided, teammate }), passing: false };
  } catch (error) {
    parts.log.error("a decision could not be recorded", { reason: reasonOf(error) });
    return retryableRefusal(UNRECORDED);
  }
}

function retryableRefusal(message: string): Decision {
  return { answer: { accepted: false, message, fieldErrors: {} }, passing: true };
}

/** Errors keep the form open; a final refusal replaces it and keeps the typed text; undefined closes it. */
function submitAnswer(
  { decided }: Decided,
  { answer, passing }: Decision,
): SubmitAnswer | undefined {
  if (answer.accepted) return undefined;
  const { text, amount } = answer.fieldErrors;
  const first = decided.button === "reject" ? "reason" : "text";
  const errors: Record<string, string> = {
    ...(passing ? { [first]: answer.message } : {}),
    ...(text === undefined ? {} : { [first]: text }),
    ...(amount === undefined ? {} : { [decided.edit?.amount == null ? first : "amount"]: amount }),
  };
  if (Object.keys(errors).length > 0) return { response_action: "errors", errors };
  return {
    response_action: "update",
    view: noticeView("Not changed", answer.message, typedText(decided)),
  };
}

/**
 * What came of a slow submission, in the place of its form and with what was typed where that was not taken; in a message
 * to the person when they have closed it.
 */
async function showLate(
  parts: CommandParts,
  form: Decided,
  viewId: string,
  { answer: { accepted, message, fieldErrors } }: Decision,
): Promise<void> {
  const words = [message, ...Object.values(fieldErrors)].filter((said) => said !== "").join(" ");
  const typed = accepted ? "" : typedText(form.decided);
  const view = noticeView(accepted ? "Done" : "Not changed", words || "Done.", typed);
  try {
    await parts.call("patient", "views.update", { view_id: viewId, view }, Done);
  } catch (error) {
    parts.log.warn("a form could not show what came of it", { reason: reasonOf(error) });
    const kept = typed === "" ? "" : `\n\nWhat you wrote, to copy:\n${typed}`;
    await replyEphemerally(parts, form, `${words}${kept}`);
  }
}

/** The text typed into a form, so that it is not lost. */
function typedText({ edit, hint, ownAnswer, reason }: Decided["decided"]): string {
  return edit?.text ?? hint ?? ownAnswer ?? reason;
}

async function openForm(parts: CommandParts, form: FormOpening): Promise<void> {
  const { workspace, log } = parts;
  // Home is known since the start, so this costs those who are in it none of the trigger's three seconds.
  const isRefused = await isForeign(form.person, workspace).catch(() => null);
  if (isRefused === null) return replyEphemerally(parts, form, UNCHECKED);
  if (isRefused) {
    // A person from outside is refused and recorded as with any decision.
    if (form.form !== "why")
      await decide(parts, decidedInteraction(form, form.triggerId, form, form.form));
    await replyEphemerally(parts, form, FOREIGN);
    return;
  }
  const view = FORMS[form.form].open(plainCardVersion(form), form.channel);
  let viewId: string;
  try {
    viewId = await openView(parts.call, form, view);
  } catch (error) {
    log.warn("slack could not open a form", { reason: reasonOf(error) });
    await replyEphemerally(parts, form, slackWord(error) === null ? UNRECORDED : TOO_SLOW);
    return;
  }
  await fillView(parts, form, viewId);
}

function plainCardVersion({ approvalId, version }: CardVersion): CardVersion {
  return { approvalId, version };
}

async function openView(
  call: Call,
  { triggerId }: FormOpening,
  view: types.ModalView,
): Promise<string> {
  const opened = await call("quick", "views.open", { trigger_id: triggerId, view }, ViewAnswer);
  return opened.view.id;
}

/** The title of a view while it is loading. */
const TITLES = { edit: "Edit", why: "Why?" } as const;

/** Looks up, after a view was opened, what it should show. */
async function fillView(parts: CommandParts, form: FormOpening, viewId: string): Promise<void> {
  const { call, workspace, log } = parts;
  let view: types.ModalView | null;
  try {
    const teammate = await deskTeammate(form.person, workspace);
    view = await FORMS[form.form].fill(parts, form, teammate);
  } catch (error) {
    // A submission is checked again, so a form that stays open decides nothing by itself.
    log.warn("a form could not be filled", { reason: reasonOf(error) });
    view =
      form.form === "why" ? noticeView(TITLES.why, UNREAD) : noticeView("Not changed", UNCHECKED);
  }
  if (view !== null) await call("patient", "views.update", { view_id: viewId, view }, Done);
}

/** What a view shows to this person; null where it stays as it was opened. */
type FillForm = (
  parts: CommandParts,
  form: FormOpening,
  teammate: DeskTeammate,
) => Promise<types.ModalView | null>;

const editFor: FillForm = async ({ handler }, { approvalId, version, channel }, teammate) => {
  const answer = await handler.editForm(approvalId, version, teammate);
  return "approvalId" in answer
    ? editView(answer, channel)
    : noticeView("Not changed", answer.message);
};

const whyFor: FillForm = async ({ handler }, { approvalId }, teammate) => {
  const explained = teammate.eligible ? await handler.explain(approvalId, teammate) : null;
  return explained === null ? noticeView(TITLES.why, NO_ROLE) : traceView(explained);
};

/** A form that needs nothing from the row; a person who may not send it gets the refusal in its place. */
const checkedFor: FillForm = async ({ handler }, form, teammate) => {
  if (form.form === "why") return null;
  const answer = await handler.check({ ...plainCardVersion(form), button: form.form }, teammate);
  return answer.accepted ? null : noticeView("Not changed", answer.message);
};

/** The view each of these buttons opens at once, and what fills it. */
const FORMS: Readonly<
  Record<
    FormOpening["form"],
    {
      readonly open: (about: CardVersion, channel: string) => types.ModalView;
      readonly fill: FillForm;
    }
  >
> = {
  edit: { open: () => loadingView(TITLES.edit), fill: editFor },
  reject: { open: rejectView, fill: checkedFor },
  redo: { open: redraftView, fill: checkedFor },
  thumbs_down: { open: opinionView, fill: checkedFor },
  why: { open: () => loadingView(TITLES.why), fill: whyFor },
};

const LINE_MAX = 300;

/** The page for a person without a role: what this is, and no data. */
const WITHOUT_ROLE: readonly types.KnownBlock[] = [
  section(
    "Deskhand helps the support team with customers' questions. This page shows the team what waits for a decision.",
  ),
  note("You have no role in Deskhand's policy. If you should have one, ask a lead."),
];

function figures({
  at,
  zone,
  paused,
  waiting,
  untaken,
  link,
}: DeskOverview): readonly types.KnownBlock[] {
  const address = webLink(link);
  return [
    section(paused === "" ? "▶️ Running" : `⏸️ ${paused}`, LINE_MAX),
    section(`Waiting for a decision: ${waiting}\nWith people, not taken yet: ${untaken}`),
    ...(address === null
      ? []
      : [{ type: "actions" as const, elements: [linkButton("Open the inbox", address, "inbox")] }]),
    note(
      `As of ${momentText(at, zone)}, times in ${zone}. Open this tab again for newer figures. “/deskhand help” shows what can be typed.`,
    ),
  ];
}

/** Shows one person their Home tab. It only displays data, so a failure changes nothing: the next opening shows it. */
async function showHome(
  { handler, call, workspace, log }: CommandParts,
  person: ClaimedPerson,
): Promise<void> {
  try {
    const teammate = await deskTeammate(person, workspace);
    const overview = teammate.eligible ? await handler.overview(teammate) : null;
    const header = { type: "header" as const, text: plainText("Deskhand") };
    const blocks = [header, ...(overview === null ? WITHOUT_ROLE : figures(overview))];
    const view = { type: "home", blocks };
    await call("patient", "views.publish", { user_id: person.userId, view }, Done);
  } catch (error) {
    log.warn("slack refused to show a home tab", { reason: reasonOf(error) });
  }
}
