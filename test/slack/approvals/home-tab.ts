/** The Home tab in the sandbox's Slack, which it shows in its log alone. */
import { z } from "zod";

const Log = z.object({ log: z.array(z.looseObject({ summary: z.string() })) });
const Published = z.object({ user_id: z.string(), view: z.unknown() });

/** A person opens it. */
export async function openHome(url: string, user: string): Promise<void> {
  await fetch(`${url}/_control/open-home`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user }),
  });
}

/** What was published for each person, oldest first, as the JSON of it. */
export async function publishedHomes(
  url: string,
): Promise<readonly (readonly [user: string, view: string])[]> {
  const response = await fetch(`${url}/_control/log`);
  const { log } = Log.parse(await response.json());
  return log.flatMap((entry) => {
    if (entry.summary !== "views.publish") return [];
    const found = Object.values(entry).map((value) => Published.safeParse(value).data);
    const one = found.find((value) => value !== undefined);
    return one === undefined ? [] : [[one.user_id, JSON.stringify(one.view)] as const];
  });
}

/** The newest of each person. */
export async function shownHomes(url: string): Promise<ReadonlyMap<string, string>> {
  return new Map(await publishedHomes(url));
}
