/** The filters of the list of waiting cards, read from the address and drawn as a form. */
import { z } from "zod";
import { knownTopics, ChannelName } from "#core/values/vocabulary.ts";
import type { Policy } from "#core/contracts/policy.ts";
import { CursorText } from "#store/console/cursor.ts";
import type { WaitingFilter } from "#store/console/waiting.ts";
import { html, type Html } from "#server/http/html.ts";
import { choice, type Option } from "./forms.ts";
import { inWords } from "./parts.ts";
import type { Visit } from "./session.ts";

const MINUTE_MS = 60_000;

/** What can be chosen for the age, with its length in minutes. */
const AGES = {
  "15m": { name: "more than 15 minutes", minutes: 15 },
  "1h": { name: "more than 1 hour", minutes: 60 },
  "4h": { name: "more than 4 hours", minutes: 240 },
  "1d": { name: "more than a day", minutes: 1_440 },
} as const;

/** The filters as they stand in an address; what cannot be understood filters nothing. */
const Chosen = z.object({
  channel: ChannelName.nullable().catch(null),
  topic: z
    .string()
    .regex(/^\w{1,60}$/)
    .nullable()
    .catch(null),
  money: z.enum(["some", "none"]).nullable().catch(null),
  age: z.enum(["15m", "1h", "4h", "1d"]).nullable().catch(null),
  mine: z.literal("1").nullable().catch(null),
  after: CursorText,
});
export type Chosen = z.infer<typeof Chosen>;

/** Reads the filters of an address. */
export function chosenIn({ asked }: Pick<Visit, "asked">): Chosen {
  const names = Object.keys(Chosen.shape);
  return Chosen.parse(Object.fromEntries(names.map((name) => [name, asked(name)])));
}

/** True when any filter is set. */
export function isFiltered(chosen: Chosen): boolean {
  return Object.values(filterQuery(chosen)).some((one) => one !== null);
}

/** The same for the store: ages as moments, "mine" as a voter. */
export function waitingFilter(
  { channel, topic, money, age, mine }: Chosen,
  { now, email }: Visit,
): WaitingFilter {
  return {
    channel,
    topic,
    money,
    before: age === null ? null : new Date(now.getTime() - AGES[age].minutes * MINUTE_MS),
    claimedBy: mine === null ? null : email,
  };
}

/** The filters as they stand in an address, without the place in the list. */
export function filterQuery({ channel, topic, money, age, mine }: Chosen) {
  return { channel, topic, money, age, mine };
}

/** The filters as a form that works without a script: a choice is in the address, and can be kept as a bookmark. */
export function filterForm(
  chosen: Chosen,
  policy: Pick<Policy, "operations" | "topics">,
  channels: readonly string[],
): Html {
  const topics = knownTopics(policy).map((topic): Option => [topic, inWords(topic)]);
  const ages = Object.entries(AGES).map(([key, { name }]): Option => [key, name]);
  const names = channels.map((name): Option => [name, name]);
  return html`<form class="filters" method="get" action="/console" data-filters>
    ${choice("age", "Waits", [["", "any time"], ...ages], chosen.age)}
    ${choice("money", "Money", MONEY, chosen.money)}
    ${choice("topic", "Topic", [["", "any"], ...topics], chosen.topic)}
    ${choice("channel", "Channel", [["", "any"], ...names], chosen.channel)}
    <label class="check"
      ><input
        type="checkbox"
        name="mine"
        value="1"
        ${chosen.mine !== null && html` checked=""`}
      />Mine</label
    >
    <button type="submit">Show</button
    >${isFiltered(chosen) && html` <a href="/console">Show all</a>`}
  </form>`;
}

const MONEY: readonly Option[] = [
  ["", "with or without"],
  ["some", "money moves"],
  ["none", "no money"],
];
