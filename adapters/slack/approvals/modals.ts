/** The modals of the desk. */

import type { types } from "@slack/bolt";
import { INSTRUCTION_MAX, OWN_ANSWER_MAX } from "#core/values/approval.ts";
import {
  Rejection,
  REJECTION_WORDS,
  subjectOf,
  type EditForm,
} from "#core/contracts/approval-desk.ts";
import {
  EDIT_FORM,
  LEFT_OUT,
  OPINION_FORM,
  REDO_FORM,
  REJECT_FORM,
  textBlock,
} from "./parse-interaction.ts";
import type { FormNote } from "#slack/api/schema.ts";
import { clip, cut, literal } from "#slack/api/text.ts";

/** A plain text input takes at most 3000 characters (Block Kit reference). */
const INPUT_MAX = 3_000;
/** Together with the chosen reason this stays below the maximum length of a decision's reason. */
const NOTE_MAX = 900;
/** Slack's limit for the label of an input. */
const LABEL_MAX = 150;

/** What each way of rejecting leads to. */
const CONSEQUENCES: Readonly<Record<Rejection, string>> = {
  i_answer: "The conversation goes to you by name.",
  no_answer: "It ends here, and the customer hears nothing.",
  reason: "The team answers. Say below what is wrong.",
};
/** Reasons against a change of the policy file, where no customer waits for an answer. */
const POLICY_REASONS = ["I do not agree", "It has a mistake", "Not now"] as const;

type Modal = types.ModalView;

/** Opened at once, because a trigger lives three seconds; the form follows when the row was read. */
export function loadingView(title: string): Modal {
  return { ...frame(title), blocks: [paragraph("One moment…")] };
}

/** Shows a message in place of a form, with the typed text so that it is not lost. */
export function noticeView(title: string, message: string, kept: string | null): Modal {
  const blocks = [paragraph(message)];
  if (kept !== null && kept !== "") {
    blocks.push(paragraph("What you wrote, to copy:"));
    // 20 sections are 58,000 characters, the longest possible reply.
    for (const { text } of cut(kept, 2_900).slice(0, 20)) blocks.push(paragraph(text));
  }
  return { ...frame(title), close: plainText("Close"), blocks };
}

/** The whole text in as many inputs as it needs, and the amount when money moves. */
export function editView(form: EditForm, channel: string): Modal {
  const pieces = cut(form.text, INPUT_MAX);
  const note: FormNote = {
    approvalId: form.approvalId,
    version: form.version,
    channel,
    joints: pieces.slice(0, -1).map(({ joint }) => joint),
  };
  const inputs = pieces.map(({ text }, index) => textInput(text, index, pieces.length));
  return {
    ...frame("Edit"),
    callback_id: EDIT_FORM,
    private_metadata: JSON.stringify(note),
    submit: plainText("Save"),
    blocks: [...inputs, ...amountInput(form)],
  };
}

/** Asks for the reason; the card stays as it is until this is submitted. */
export function rejectView(
  about: { readonly approvalId: string; readonly version: number },
  channel: string,
): Modal {
  const note: FormNote = { ...about, channel, joints: [] };
  const isOnRules = subjectOf(about.approvalId) !== "card";
  const options = isOnRules
    ? POLICY_REASONS.map((reason) => ({ text: plainText(reason), value: reason }))
    : Rejection.options.map((kind) => ({
        text: plainText(REJECTION_WORDS[kind]),
        description: plainText(CONSEQUENCES[kind]),
        value: kind,
      }));
  return {
    ...frame("Reject"),
    callback_id: REJECT_FORM,
    private_metadata: JSON.stringify(note),
    submit: plainText("Reject"),
    blocks: [
      {
        type: "input",
        block_id: "reason",
        label: plainText("Why?"),
        element: { type: "radio_buttons", action_id: "reason", options },
      },
      {
        type: "input",
        block_id: "note",
        optional: true,
        label: plainText(isOnRules ? "In your words" : "What is wrong, or a word to add"),
        element: {
          type: "plain_text_input",
          action_id: "note",
          multiline: true,
          max_length: NOTE_MAX,
        },
      },
    ],
  };
}

/** Asks for an instruction to redraft; the result appears on the card. */
export function redraftView(
  about: { readonly approvalId: string; readonly version: number },
  channel: string,
): Modal {
  const note: FormNote = { ...about, channel, joints: [] };
  return {
    ...frame("Another draft"),
    callback_id: REDO_FORM,
    private_metadata: JSON.stringify(note),
    submit: plainText("Redo"),
    blocks: [
      {
        type: "input",
        block_id: textBlock(0),
        label: plainText("What should be different?"),
        hint: plainText(
          "The draft is made anew with this, within the same policy. Approvals so far lapse.",
        ),
        element: {
          type: "plain_text_input",
          action_id: "value",
          multiline: true,
          max_length: INSTRUCTION_MAX,
          placeholder: plainText("Shorter, and mention the return label"),
        },
      },
    ],
  };
}

/** Asks for the teammate's own answer in place of a shadow draft; it may stay empty. */
export function opinionView(
  about: { readonly approvalId: string; readonly version: number },
  channel: string,
): Modal {
  const note: FormNote = { ...about, channel, joints: [] };
  return {
    ...frame("I would not send it"),
    callback_id: OPINION_FORM,
    private_metadata: JSON.stringify(note),
    submit: plainText("Save"),
    blocks: [
      {
        type: "input",
        block_id: textBlock(0),
        optional: true,
        label: plainText("What would you have written?"),
        hint: plainText("Kept with the card for the team. Nothing is sent to the customer."),
        element: {
          type: "plain_text_input",
          action_id: "value",
          multiline: true,
          max_length: OWN_ANSWER_MAX,
        },
      },
    ],
  };
}

function textInput(text: string, index: number, count: number): types.InputBlock {
  return {
    type: "input",
    block_id: textBlock(index),
    label: plainText(count === 1 ? "Reply" : `Reply, part ${index + 1} of ${count}`),
    ...(index === 0
      ? {}
      : { hint: plainText(`Write a single ${LEFT_OUT} to leave this part out.`) }),
    element: {
      type: "plain_text_input",
      action_id: "value",
      multiline: true,
      max_length: INPUT_MAX,
      ...(text === "" ? {} : { initial_value: text }),
    },
  };
}

function amountInput({ amount, currency, order }: EditForm): types.InputBlock[] {
  if (amount === null) return [];
  const which = order === null ? "" : `, order ${order}`;
  return [
    {
      type: "input",
      block_id: "amount",
      label: plainText(
        clip(`Amount${currency === null ? "" : ` in ${currency}`}${which}`, LABEL_MAX),
      ),
      // Plain text, since the amount is checked as typed; a number input rounds and knows no currency.
      element: {
        type: "plain_text_input",
        action_id: "value",
        max_length: 40,
        initial_value: amount,
      },
    },
  ];
}

function frame(title: string): Pick<Modal, "type" | "title" | "close"> {
  return { type: "modal", title: plainText(clip(title, 24)), close: plainText("Cancel") };
}

function paragraph(text: string): types.SectionBlock {
  return { type: "section", text: literal(text, 2_900) };
}

function plainText(text: string): types.PlainTextElement {
  return { type: "plain_text", text };
}
