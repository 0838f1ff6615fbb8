import type { ApprovalDesk, Card } from "#core/desk.ts";
import { DeskhandError } from "#core/errors.ts";
import type { Clock, Log } from "#core/ports.ts";
import { slackAlerts } from "./alerts.ts";
import type { SlackApp } from "./app.ts";
import { Done, type Call } from "./calls.ts";
import { cardMarker, renderCard } from "./card.ts";
import { clickListeners } from "./clicks.ts";
import { jsonOf, type ChannelRoles } from "./events.ts";
import { interactionOf } from "./interaction.ts";
import type { Posted, Posting } from "./posting.ts";
import { AlertArguments } from "./schema.ts";
import type { Workspace } from "./workspace.ts";

export interface SlackDeskParts {
  readonly app: SlackApp;
  readonly call: Call;
  readonly workspace: Workspace;
  readonly posting: Posting;
  readonly roles: ChannelRoles;
  /** Channel ids by the names the policy has for places; a card for any other place goes to the approvals channel. */
  readonly places: ReadonlyMap<string, string>;
  /** Whether an address a command came with is Slack's own. */
  readonly isSlacks: (address: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Cards in the approvals channel or the one their place names, alerts in their own. The rows are the truth; what is
 * shown here is a view of them.
 */
export function slackDesk(parts: SlackDeskParts): ApprovalDesk {
  const { app, call, posting, roles } = parts;
  const alerts = slackAlerts({ ...parts, channel: roles.alerts });

  return {
    name: "desk",
    supports: ["alert"],
    findIsReliable: false,

    async post(card, _key, signal) {
      signal.throwIfAborted();
      const channel = parts.places.get(card.place ?? "") ?? roles.approvals;
      await refuseShared(parts.workspace, channel);
      return refOf(
        await posting.once({
          channel,
          thread: null,
          marker: cardMarker(card),
          ...renderCard(pictureOf(card, parts.places)),
        }),
      );
    },

    async update(ref, card, signal) {
      signal.throwIfAborted();
      await updateCard(call, ref, pictureOf(card, parts.places));
    },

    async notify(text, people, key, signal) {
      signal.throwIfAborted();
      await alerts.post({ text, people, key });
    },

    receive(delivery) {
      const interaction = interactionOf(jsonOf(delivery.body));
      if (interaction?.kind !== "decided") return [];
      const { userId: id, name } = interaction.person;
      // Who this is has to be looked up: from the bytes alone nobody may decide.
      const teammate = { id, name, email: null, eligible: false };
      return [{ ...interaction.decided, teammate }];
    },

    async commit(action, key, signal) {
      const { text, people } = alertOf(action);
      signal.throwIfAborted();
      const ref = refOf(await alerts.post({ text, people, key }));
      return { ref, conversationKeys: [] };
    },

    async find(action, key, signal) {
      alertOf(action);
      signal.throwIfAborted();
      const { posted, complete } = await alerts.find(key);
      if (posted !== null)
        return { state: "done", committed: { ref: refOf(posted), conversationKeys: [] } };
      return complete
        ? { state: "absent" }
        : { state: "unknowable", reason: "the alerts channel is too long to be read back whole" };
    },

    start: (handler) => app.openClicks(clickListeners({ ...parts, handler })),
    stop: () => app.closeClicks(),
  };
}

/** What this desk has to say about a card beside its content: words that were objected to, and a place it lacks. */
function pictureOf(card: Card, places: ReadonlyMap<string, string>): Card {
  const { draft, place, flags } = card;
  const lost = place !== null && !places.has(place);
  return {
    ...card,
    draft: draft === null ? null : { ...draft, text: withMarks(draft.text, draft.marks) },
    flags: lost
      ? [...flags, `There is no place “${place}” here, so this card is in the usual one`]
      : flags,
  };
}

/** Slack shows bold only where markup is read, and a draft is shown literally: marked words stand between guillemets. */
function withMarks(text: string, marks: readonly string[]): string {
  const words = marks.filter((mark) => mark !== "");
  if (words.length === 0) return text;
  // Of two marks the longer one counts where both fit.
  const longestFirst = words.toSorted((one, other) => other.length - one.length);
  const pattern = new RegExp(longestFirst.map(wholeWords).join("|"), "gu");
  return text.replaceAll(pattern, (found) => `«${found}»`);
}

/** What means something in a pattern. */
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/g;

/** Never in the middle of a number or word: “5.00” is no part of 15.00. */
function wholeWords(mark: string): string {
  const before = /^[\p{L}\p{N}]/u.test(mark) ? "(?<![\\p{L}\\p{N}])" : "";
  const after = /[\p{L}\p{N}]$/u.test(mark) ? "(?![\\p{L}\\p{N}])" : "";
  return `${before}${mark.replaceAll(SYNTAX, "\\$&")}${after}`;
}

/** Customers' words never go where another company reads along. */
async function refuseShared(workspace: Workspace, channel: string): Promise<void> {
  const { shared, name } = await workspace.channel(channel);
  if (shared)
    throw new DeskhandError("channel.refused", `#${name} is shared with another workspace`);
}

async function updateCard(call: Call, ref: string, card: Card): Promise<void> {
  const [channel, ts] = ref.split(":");
  const { text, blocks } = renderCard(card);
  // Always both: an update with text alone removes the blocks (chat.update reference).
  await call("patient", "chat.update", { channel, ts, text, blocks }, Done);
}

function refOf({ channel, ts }: Posted): string {
  return `${channel}:${ts}`;
}

function alertOf(action: {
  readonly operation: string;
  readonly arguments: unknown;
}): AlertArguments {
  if (action.operation !== "alert")
    throw new DeskhandError("channel.unsupported", `the desk has no operation ${action.operation}`);
  const parsed = AlertArguments.safeParse(action.arguments);
  if (!parsed.success)
    throw new DeskhandError("channel.refused", "not an alert", { cause: parsed.error });
  return parsed.data;
}
