/** Reads what a click or a submitted form means from its payload. */

import { z } from "zod";
import { digest, jsonOrNull } from "#core/values/canonical-json.ts";
import {
  DecisionButton,
  type DeskDecision,
  INSTRUCTION_MAX,
  OWN_ANSWER_MAX,
  Rejection,
} from "#core/contracts/approval-desk.ts";
import { isBlank } from "#text/normalize.ts";
import { BlockActions, FormNote, type MessageBlock, ViewSubmission } from "#slack/api/schema.ts";
import { clip, LINK_PREFIX } from "#slack/api/text.ts";
import type { ClaimedPerson } from "#slack/api/workspace.ts";

/** Prefix of the action ids of a card's buttons. */
export const ACTION_PREFIX = "desk:";
/** The button that opens the trace. */
export const WHY = `${ACTION_PREFIX}why`;
/** The menu with the buttons that are needed less often. */
export const MORE = `${ACTION_PREFIX}more`;
/** Callback ids of the modals. */
export const EDIT_FORM = "desk:edit";
export const REJECT_FORM = "desk:reject";
export const REDO_FORM = "desk:redo";
export const OPINION_FORM = "desk:opinion";

/** The maximum lengths of a decision (core's DeskDecision). */
const TEXT_MAX = 60_000;
const AMOUNT_MAX = 40;
const REASON_MAX = 1_000;

/** Where a click happened and where its answer is shown. */
interface Origin {
  readonly person: ClaimedPerson;
  /** Empty when the payload names none. */
  readonly channel: string;
}

/** The decision in a payload, without the person, who is looked up afterwards. */
type PersonlessDecision = Omit<DeskDecision, "teammate">;

/** A posted message as a click reports it. */
interface PostedBlocks {
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly MessageBlock[];
}

/** What an interaction payload means, read from the payload alone. */
export type Interaction = Origin &
  (
    | {
        readonly kind: "decided";
        readonly decided: PersonlessDecision;
        /** The message the button is on, as it stands; null for a form. */
        readonly message: PostedBlocks | null;
      }
    /** A button that asks for more before a decision, or only shows something. */
    | {
        readonly kind: "form";
        readonly form: FormButton | "why";
        readonly triggerId: string;
        readonly approvalId: string;
        readonly version: number;
      }
    /** A form with missing or invalid input: errors by block id. */
    | { readonly kind: "incomplete"; readonly errors: Readonly<Record<string, string>> }
    | { readonly kind: "followed" }
    /** A button or form of an older release. */
    | { readonly kind: "outdated" }
  );

/** A decision, and a button that asks for more before one or only shows something. */
export type Decided = Extract<Interaction, { kind: "decided" }>;
export type FormOpening = Extract<Interaction, { kind: "form" }>;

/** Buttons that open a form. */
type FormButton = "edit" | "reject" | "redo" | "thumbs_down";

function opensForm(button: DecisionButton): button is FormButton {
  return ["edit", "reject", "redo", "thumbs_down"].includes(button);
}

/** The value of a button: approval and version. Nothing else in it is trusted or needed. */
export function buttonValue(approvalId: string, version: number): string {
  return `${approvalId}:v${version}`;
}

/** The value of an option in the menu: the button it stands for, then as a button's. */
export function optionValue(
  button: DecisionButton | "why",
  approvalId: string,
  version: number,
): string {
  return `${button}:${buttonValue(approvalId, version)}`;
}

/** Null for payloads that are no interaction of a card or modal at all. */
export function parsedInteraction(payload: unknown): Interaction | null {
  const click = BlockActions.safeParse(payload);
  if (click.success) return clickInteraction(click.data);
  const submission = ViewSubmission.safeParse(payload);
  return submission.success ? submittedInteraction(submission.data) : null;
}

function clickInteraction(click: BlockActions): Interaction {
  const origin: Origin = { person: claimedPerson(click), channel: click.channel?.id ?? "" };
  if (click.actions.every(({ action_id }) => action_id.startsWith(LINK_PREFIX)))
    return { ...origin, kind: "followed" };
  const pressed = pressedButton(click);
  if (pressed === null) return { ...origin, kind: "outdated" };
  const { button, about, moment } = pressed;
  if (button === "why" || opensForm(button))
    return {
      ...origin,
      ...about,
      kind: "form",
      form: button,
      triggerId: click.trigger_id ?? "",
    };
  return { ...decidedInteraction(origin, moment, about, button), message: postedBlocks(click) };
}

function postedBlocks({ message }: BlockActions): PostedBlocks | null {
  const { ts, text, blocks } = message ?? {};
  return ts === undefined || blocks == null ? null : { ts, text: text ?? "", blocks };
}

/** Which version of which approval a button or form is about. */
export interface CardVersion {
  readonly approvalId: string;
  readonly version: number;
}

const PressableButton = z.union([DecisionButton, z.literal("why")]);

/** The pressed button of a card or the chosen option of its menu; null for anything we never put on one. */
function pressedButton({ trigger_id, actions }: BlockActions): {
  button: z.infer<typeof PressableButton>;
  about: CardVersion;
  moment: string;
} | null {
  const [action] = actions;
  if (action === undefined || !action.action_id.startsWith(ACTION_PREFIX)) return null;
  const { name, value } = action.action_id === MORE ? chosenOption(action) : pressed(action);
  const button = PressableButton.safeParse(name);
  const [, approvalId, version] = /^(.+):v([1-9]\d{0,8})$/.exec(value) ?? [];
  if (!button.success || approvalId === undefined) return null;
  return {
    button: button.data,
    about: { approvalId, version: Number(version) },
    moment: trigger_id ?? action.action_ts ?? "",
  };
}

type PressedAction = BlockActions["actions"][number];

function pressed({ action_id, value }: PressedAction) {
  return { name: action_id.slice(ACTION_PREFIX.length), value: value ?? "" };
}

/** An option's value begins with the name of its button. */
function chosenOption({ selected_option }: PressedAction) {
  const [, name = "", value = ""] = /^([a-z_]+):(.+)$/.exec(selected_option?.value ?? "") ?? [];
  return { name, value };
}

function submittedInteraction(submission: ViewSubmission): Interaction {
  const { view } = submission;
  const note = FormNote.safeParse(jsonOrNull(view.private_metadata));
  const person = claimedPerson(submission);
  if (!note.success) return { person, channel: "", kind: "outdated" };
  const origin: Origin = { person, channel: note.data.channel };
  const about = { approvalId: note.data.approvalId, version: note.data.version };
  const decide = (button: FormButton, typed: Partial<TypedWords>): Interaction =>
    decidedInteraction(origin, submission.trigger_id ?? view.id, about, button, typed);
  const incomplete = (errors: Readonly<Record<string, string>>): Interaction => ({
    ...origin,
    kind: "incomplete",
    errors,
  });
  switch (view.callback_id) {
    case EDIT_FORM: {
      const text = joinedFields(submission, note.data);
      const amount = fieldValue(submission, "amount");
      const errors = editErrors(text, amount);
      if (Object.keys(errors).length > 0) return incomplete(errors);
      return decide("edit", { edit: { text, amount } });
    }
    case REJECT_FORM: {
      const rejected = chosenRejection(submission);
      return "errors" in rejected ? incomplete(rejected.errors) : decide("reject", rejected);
    }
    case REDO_FORM: {
      const hint = (fieldValue(submission, textBlock(0)) ?? "").trim();
      const errors = hintErrors(hint);
      return Object.keys(errors).length > 0 ? incomplete(errors) : decide("redo", { hint });
    }
    case OPINION_FORM: {
      const ownAnswer = clip(fieldValue(submission, textBlock(0)) ?? "", OWN_ANSWER_MAX);
      return decide("thumbs_down", { ownAnswer });
    }
    default:
      return { ...origin, kind: "outdated" };
  }
}

/** The chosen kind and the note; a form about the team's own rules sends a reason in place of the kind. */
function chosenRejection(
  submission: ViewSubmission,
):
  | Pick<PersonlessDecision, "reason" | "rejection">
  | { readonly errors: Readonly<Record<string, string>> } {
  const chosen = fieldValue(submission, "reason") ?? "";
  const words = (fieldValue(submission, "note") ?? "").trim();
  if (chosen === "") return { errors: { reason: "Choose a reason." } };
  const { success, data: rejection } = Rejection.safeParse(chosen);
  if (!success)
    return { reason: clip(isBlank(words) ? chosen : `${chosen}: ${words}`, REASON_MAX) };
  if (rejection === "reason" && isBlank(words))
    return { errors: { note: "Say in a few words what is wrong." } };
  return { reason: clip(words, REASON_MAX), rejection };
}

function hintErrors(hint: string): Readonly<Record<string, string>> {
  if (isBlank(hint)) return { text: "Say in a few words what to do differently." };
  return hint.length > INSTRUCTION_MAX ? { text: `At most ${INSTRUCTION_MAX} characters.` } : {};
}

/** Input no decision can hold; text and amount are otherwise checked against the approval's row. */
function editErrors(text: string, amount: string | null): Readonly<Record<string, string>> {
  return {
    ...(isBlank(text) ? { text: "The reply must not be empty." } : {}),
    ...(text.length > TEXT_MAX ? { text: "The reply is too long." } : {}),
    ...((amount?.length ?? 0) > AMOUNT_MAX ? { amount: "This is not an amount." } : {}),
  };
}

type TypedWords = Pick<PersonlessDecision, "reason" | "edit" | "rejection" | "hint" | "ownAnswer">;

/**
 * A decision that is on no message. The same click delivered twice has the same trigger, or moment; a second click of
 * the same person has another.
 */
export function decidedInteraction(
  { person, channel }: Origin,
  moment: string,
  { approvalId, version }: CardVersion,
  button: DecisionButton,
  typed: Partial<TypedWords> = {},
): Decided {
  const named = digest([moment, person.userId, approvalId, version, button]).slice(0, 40);
  const decisionId = `slack:${named}`;
  return {
    person,
    channel,
    kind: "decided",
    message: null,
    decided: { decisionId, approvalId, version, button, reason: "", edit: null, ...typed },
  };
}

function claimedPerson({ user, team }: Pick<BlockActions, "user" | "team">): ClaimedPerson {
  return {
    userId: user.id,
    name: user.name ?? user.username ?? user.id,
    teams: [user.team_id, team?.id].filter((id) => id != null),
  };
}

/** Typed in a part of a long text to leave it out, since Slack does not submit an empty required field. */
export const LEFT_OUT = "-";

/** The parts joined by their separators, so that an untouched form gives the same bytes. */
function joinedFields(submission: ViewSubmission, { joints }: FormNote): string {
  const parts = Array.from({ length: joints.length + 1 }, (_, index) => ({
    text: fieldValue(submission, textBlock(index)) ?? "",
    joint: joints[index] ?? "",
  }));
  const kept = parts.filter(({ text }, index) => index === 0 || text.trim() !== LEFT_OUT);
  return kept
    .map(({ text, joint }, index) => (index === kept.length - 1 ? text : text + joint))
    .join("");
}

/** The block id of one part of the text; some clients also show it next to an error. */
export function textBlock(index: number): string {
  return index === 0 ? "text" : `text-${index + 1}`;
}

/**
 * The value of a field. An untouched input may arrive as null instead of its initial value; in a required field null
 * can mean nothing else, so the initial value is read from the submitted blocks.
 */
function fieldValue({ view }: ViewSubmission, blockId: string): string | null {
  const block = view.blocks.find(({ block_id }) => block_id === blockId);
  if (block === undefined) return null;
  const [state] = Object.values(view.state.values[blockId] ?? {});
  return state?.selected_option?.value ?? state?.value ?? block.element?.initial_value ?? null;
}
