/** What an assistant may propose: a reply, an action, a note. Each becomes a card that a person decides on. */

import { z } from "zod";
import { jsonOrNull } from "#core/values/canonical-json.ts";
import { invalidInput } from "#core/values/errors.ts";
import type { AssistantDesk, ProposalAnswer, ProposedFor } from "#jobs/decisions/assistant.ts";
import { Id } from "./read-tools.ts";
import { type AssistantCall, type AssistantTool, assistantTool, writtenText } from "./tools.ts";

const REPLY_MAX = 8_000;
const INPUT_MAX = 4_000;
/** All of it is read on a card. */
const NOTE_MAX = 1_000;

/** Which card it goes on, as the assistant has read it: nothing that it has not seen is replaced. */
const ABOUT = {
  case: Id.describe("The id of the case"),
  version: z
    .int()
    .min(1)
    .optional()
    .describe(
      "The version of the card that waits in the case, as read_case gives it; left out where none waits",
    ),
};

const Asked = z.object(ABOUT);

function proposedFor({ case: caseId, version }: z.output<typeof Asked>): ProposedFor {
  return { caseId, version: version ?? null };
}

const NEXT = "Nothing is sent or done: a person decides on it there.";

/** Where it waits; throws the sentence why nothing does. */
function told(answer: ProposalAnswer, { parts }: AssistantCall): string {
  if ("refused" in answer) throw invalidInput(answer.refused);
  const { card, version } = answer;
  return `It waits for a person on card ${card}, version ${version}: ${parts.cardLink(card)}\n${NEXT}`;
}

const DRAFT_REPLY = assistantTool({
  name: "draft_reply",
  title: "Propose a reply",
  description: `Proposes the reply to the customer. On a card that waits, the text takes the place of its draft, greeting and signature included; where none waits, they are added. ${NEXT}`,
  kind: "proposes",
  input: z.strictObject({ ...ABOUT, text: z.string().trim().min(1).max(REPLY_MAX) }),
  run: async (input, call) =>
    told(
      await call.desk.draftReply(call.teammate, proposedFor(input), writtenText(input.text)),
      call,
    ),
});

const ADD_NOTE = assistantTool({
  name: "add_note",
  title: "Propose an internal note",
  description: `Proposes a note for the team in the ticket of the case, which no customer sees. ${NEXT}`,
  kind: "proposes",
  input: z.strictObject({ ...ABOUT, text: z.string().trim().min(1).max(NOTE_MAX) }),
  run: async (input, call) =>
    told(await call.desk.addNote(call.teammate, proposedFor(input), writtenText(input.text)), call),
});

/** The operations stand in the description, since which there are depends on the connected systems. */
function proposeAction(operations: AssistantDesk["operations"]): AssistantTool {
  const known = operations
    .map(({ operation, description, input }) => {
      const { properties = {} } = z.toJSONSchema(input, { io: "input" });
      return `- ${operation}(${Object.keys(properties).join(", ")}): ${description}`;
    })
    .join("\n");
  return assistantTool({
    name: "propose_action",
    title: "Propose an action",
    description: `Proposes one action for the customer of a case, checked against records and policy as the bot's own. ${NEXT} Operations:\n${known}`,
    kind: "proposes",
    input: z.strictObject({
      ...ABOUT,
      operation: z.string().min(1).max(100),
      input: z
        .record(z.string().max(100), z.json())
        .refine((value) => JSON.stringify(value).length <= INPUT_MAX, "is too large")
        .describe("The fields that stand behind the operation's name"),
    }),
    run: async ({ operation, input, ...asked }, call) => {
      const written = jsonOrNull(writtenText(JSON.stringify(input)));
      const wished = { operation, input: written };
      return told(await call.desk.proposeAction(call.teammate, proposedFor(asked), wished), call);
    },
  });
}

/** All of them; none decides. */
export function proposeTools({
  operations,
}: Pick<AssistantDesk, "operations">): readonly AssistantTool[] {
  const actions = operations.length === 0 ? [] : [proposeAction(operations)];
  return [DRAFT_REPLY, ...actions, ADD_NOTE];
}
