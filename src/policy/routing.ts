/** Finds the channel of a card by the routes of the policy. */
import { fromDecimal } from "#core/values/money.ts";
import type { CardTopic } from "#core/contracts/policy.ts";
import type { PolicyDocument, RouteEntry } from "./schema.ts";

/**
 * The channel of the first route whose conditions all hold; null when none does. An unknown language and an amount in
 * another currency match no condition about them.
 */
export function placeFor(
  { routing, currency }: Pick<PolicyDocument, "routing" | "currency">,
  topic: CardTopic,
): string | null {
  return routing.find((route) => isFor(route, topic, currency))?.place ?? null;
}

function isFor(route: RouteEntry, topic: CardTopic, currency: string): boolean {
  return (
    isIn(route.topics, topic.topic) &&
    isIn(route.channels, topic.channel) &&
    isIn(route.brands, topic.brand) &&
    isIn(route.languages, topic.language) &&
    isAbove(route.above, topic.amount, currency)
  );
}

function isIn(list: readonly string[] | undefined, value: string | null): boolean {
  return list === undefined || (value !== null && list.includes(value));
}

function isAbove(
  above: number | undefined,
  amount: CardTopic["amount"],
  currency: string,
): boolean {
  if (above === undefined) return true;
  return (
    amount !== null &&
    amount.currency === currency &&
    amount.minor > fromDecimal(above, currency).minor
  );
}
