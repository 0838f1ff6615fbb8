/** Chooses what stands around found passages, so that an answer knows the page and not only one section of it. */
import { pageOf } from "./chance.ts";

/** A passage with its place on its page. */
interface Placed {
  readonly id: string;
  readonly text: string;
}

/**
 * The rest of the first passage's page, nearest passages first, then what stands directly before and after the other
 * passages; as many as fit into so many characters, in the order they are read in. Nothing that was found is repeated.
 */
export function passagesAround<Passage extends Placed>(
  found: readonly Passage[],
  pagePassages: (page: string) => readonly Passage[],
  characters: number,
): readonly Passage[] {
  const taken = new Set(found.map(({ id }) => id));
  const chosen = new Set<string>();
  let room = characters;
  for (const { id, text } of candidatesAround(found, pagePassages)) {
    if (taken.has(id) || chosen.has(id) || text.length > room) continue;
    chosen.add(id);
    room -= text.length;
  }
  const pages = new Set(found.map(({ id }) => pageOf(id)));
  return [...pages].flatMap((page) => pagePassages(page).filter(({ id }) => chosen.has(id)));
}

function candidatesAround<Passage extends Placed>(
  found: readonly Passage[],
  pagePassages: (page: string) => readonly Passage[],
): readonly Passage[] {
  return found.flatMap(({ id }, rank) => {
    const page = pagePassages(pageOf(id));
    const place = page.findIndex((other) => other.id === id);
    const reach = rank === 0 ? page.length : 1;
    return page
      .map((passage, at) => ({ passage, distance: Math.abs(at - place) }))
      .filter(({ distance }) => distance <= reach)
      .toSorted((one, other) => one.distance - other.distance)
      .map(({ passage }) => passage);
  });
}
