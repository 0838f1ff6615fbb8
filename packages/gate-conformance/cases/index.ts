/** All thirty-five cases, by their numbers: most severe first. */
import type { Case } from "./case.ts";
import { OTHER_CONTENT } from "./a-other-content.ts";
import { NOT_THE_PERSON } from "./b-not-the-person.ts";
import { WITHOUT_A_YES } from "./c-without-a-yes.ts";
import { TWICE_OR_LOST } from "./d-twice-or-lost.ts";
import { SEVERAL } from "./f-several.ts";

export const CASES: readonly Case[] = [
  ...OTHER_CONTENT,
  ...NOT_THE_PERSON,
  ...WITHOUT_A_YES,
  ...TWICE_OR_LOST,
  ...SEVERAL,
].toSorted((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)));
