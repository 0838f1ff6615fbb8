/** The modals of the desk. */

import type { types } from "@slack/bolt";
import {
  decisionSubject,
  type EditForm,
  type Explanation,
  INSTRUCTION_MAX,
  OWN_ANSWER_MAX,
  Rejection,
  REJECTION_WORDS,
} from "#core/contracts/approval-desk.ts";
import {
  EDIT_FORM,
  LEFT_OUT,
  OPINION_FORM,
  REDO_FORM,
  REJECT_FORM,
  textBlock,
  type CardVersion,
} from "./parse-interaction.ts";
import type { FormNote } from "#slack/api/schema.ts";
import {
  clip,
  cut,
  SECTION_MAX,
  shortLine,
  linkButton,
  literalSection,
  plainText,
  textObject,
  titleSection,
  webLink,
} from "#slack/api/text.ts";

/** A plain text input takes at most 3000 characters (Block Kit reference). */
const INPUT_MAX = 3_000;
/** A long text is cut so that each part has room to be made longer. */
const PART_MAX = 2_000;
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
  return { ...frame(title), blocks: [literalSection("One moment…")] };
}

/** Shows a message in place of a form, with the typed text so that it is not lost. */
export function noticeView(title: string, message: string, kept = ""): Modal {
  const blocks = [literalSection(message)];
  if (kept !== "") {
    blocks.push(literalSection("What you wrote, to copy:"));
    // 20 sections are 58,000 characters, the longest possible reply.
    for (const { text } of cut(kept, SECTION_MAX).slice(0, 20)) blocks.push(literalSection(text));
  }
  return { ...frame(title), close: plainText("Close"), blocks };
}

/** The whole text in as many inputs as it needs, and the amount when money moves. */
export function editView(form: EditForm, channel: string): Modal {
  const pieces = cut(form.text, PART_MAX);
  const inputs = pieces.map(({ text }, index) => textInput(text, index, pieces.length));
  return formView(form, channel, {
    title: "Edit",
    callback: EDIT_FORM,
    submit: "Save",
    blocks: [...inputs, ...amountInput(form)],
    joints: pieces.slice(0, -1).map(({ joint }) => joint),
  });
}

/** Asks for the reason; the card stays as it is until this is submitted. */
export function rejectView(about: CardVersion, channel: string): Modal {
  const isOnRules = decisionSubject(about.approvalId) !== "card";
  const options = isOnRules
    ? POLICY_REASONS.map((reason) => ({ text: plainText(reason), value: reason }))
    : Rejection.options.map((kind) => ({
        text: plainText(REJECTION_WORDS[kind]),
        description: plainText(CONSEQUENCES[kind]),
        value: kind,
      }));
  return formView(about, channel, {
    title: "Reject",
    callback: REJECT_FORM,
    submit: "Reject",
    blocks: [
      {
        type: "input",
        block_id: "reason",
        label: plainText("Why?"),
        element: { type: "radio_buttons", action_id: "reason", options },
      },
      {
        ...textField({
          block: "note",
          label: isOnRules ? "In your words" : "What is wrong, or a word to add",
          max: NOTE_MAX,
        }),
        optional: true,
      },
    ],
  });
}

/** Asks for an instruction to redraft; the result appears on the card. */
export function redraftView(about: CardVersion, channel: string): Modal {
  return formView(about, channel, {
    title: "Another draft",
    callback: REDO_FORM,
    submit: "Redo",
    blocks: [
      textField({
        block: textBlock(0),
        label: "What should be different?",
        hint: "The draft is redone with this, under the same policy. Approvals so far lapse.",
        max: INSTRUCTION_MAX,
        example: "Shorter, and mention the return label",
      }),
    ],
  });
}

/** Asks for the teammate's own answer in place of a shadow draft; it may stay empty. */
export function opinionView(about: CardVersion, channel: string): Modal {
  const label = "What would you have written?";
  const hint = "Kept with the card for the team. Nothing is sent to the customer.";
  return formView(about, channel, {
    title: "I would not send it",
    callback: OPINION_FORM,
    submit: "Save",
    blocks: [
      { ...textField({ block: textBlock(0), label, hint, max: OWN_ANSWER_MAX }), optional: true },
    ],
  });
}

/** A form that says on its submission what it is about; `joints` hold a text together that needs several inputs. */
function formView(
  { approvalId, version }: CardVersion,
  channel: string,
  form: {
    readonly title: string;
    readonly callback: string;
    readonly submit: string;
    readonly blocks: types.KnownBlock[];
    readonly joints?: FormNote["joints"];
  },
): Modal {
  const note: FormNote = { approvalId, version, channel, joints: form.joints ?? [] };
  return {
    ...frame(form.title),
    callback_id: form.callback,
    private_metadata: JSON.stringify(note),
    submit: plainText(form.submit),
    blocks: form.blocks,
  };
}

/** A field for text, of several lines unless it `isShort`. */
function textField(field: {
  readonly block: string;
  readonly label: string;
  readonly max: number;
  readonly hint?: string | undefined;
  readonly example?: string;
  readonly initial?: string;
  readonly isShort?: true;
}): types.InputBlock {
  const { block, label, max, hint, example, initial, isShort } = field;
  return {
    type: "input",
    block_id: block,
    label: plainText(label),
    ...(hint === undefined ? {} : { hint: plainText(hint) }),
    element: {
      type: "plain_text_input",
      action_id: block === "note" ? block : "value",
      ...(isShort ? {} : { multiline: true }),
      max_length: max,
      ...(example === undefined ? {} : { placeholder: plainText(example) }),
      ...(initial === undefined ? {} : { initial_value: initial }),
    },
  };
}

function textInput(text: string, index: number, count: number): types.InputBlock {
  return textField({
    block: textBlock(index),
    label: count === 1 ? "Reply" : `Reply, part ${index + 1} of ${count}`,
    hint: index === 0 ? undefined : `Write a single ${LEFT_OUT} to leave this part out.`,
    max: INPUT_MAX,
    ...(text === "" ? {} : { initial: text }),
  });
}

function amountInput({ amount, currency, order }: EditForm): types.InputBlock[] {
  if (amount === null) return [];
  const which = order === null ? "" : `, order ${order}`;
  const label = clip(`Amount${currency === null ? "" : ` in ${currency}`}${which}`, LABEL_MAX);
  // Plain text, since the amount is checked as typed; a number input rounds and knows no currency.
  return [textField({ block: "amount", label, max: 40, initial: amount, isShort: true })];
}

function frame(title: string): Pick<Modal, "type" | "title" | "close"> {
  return { type: "modal", title: plainText(clip(title, 24)), close: plainText("Cancel") };
}

/** A view holds 100 blocks and 250 kB (views.open reference); room is left for the link at the end. */
const BLOCKS_MAX = 95;
const BYTES_MAX = 200_000;
const LINE_MAX = 400;

/**
 * The explanation of a card as a modal, with a button to the console. Lines may hold third-party text and are shown so
 * that nothing in them can mention, link or format. Of one that is too long the beginning is shown.
 */
export function traceView({ sections, link }: Explanation): types.ModalView {
  const blocks = sections.flatMap(({ heading, lines }) => [
    ...(heading === "" ? [] : [titleSection(heading)]),
    ...lines.map(contextLine),
  ]);
  const shown = blocks.slice(0, fittingCount(blocks));
  return {
    ...frame("Why?"),
    close: plainText("Close"),
    blocks: [...shown, ...lastBlocks(link, blocks.length - shown.length)],
  };
}

function fittingCount(blocks: readonly types.KnownBlock[]): number {
  let bytes = 0;
  for (const [index, block] of blocks.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(block));
    if (index >= BLOCKS_MAX || bytes > BYTES_MAX) return index;
  }
  return blocks.length;
}

/** The button to the console, and how many lines are missing here. */
function lastBlocks(link: string, missing: number): readonly types.KnownBlock[] {
  const address = webLink(link);
  const rest: types.KnownBlock[] =
    missing === 0
      ? []
      : [
          contextLine(
            `… ${missing} more lines. All of it is in the console${address === null ? "" : ":"}`,
          ),
        ];
  if (address === null) return rest;
  return [
    ...rest,
    { type: "actions", elements: [linkButton("Open in the console", address, "why")] },
  ];
}

function contextLine(line: string): types.KnownBlock {
  const words = shortLine(line, LINE_MAX) || "–";
  return { type: "context", elements: [textObject(words, "inert")] };
}
