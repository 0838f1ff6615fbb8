/** The button that has a picture described: a plain form, and what the case page says where nothing came of it. */

import { urlencoded, type Request, type RequestHandler, type Router } from "express";
import { z } from "zod";
import {
  describingForTeam,
  DESCRIBED_BYTES_MAX,
  type DescribedOutcome,
  type DescribeForTeam,
} from "#jobs/pictures/describe-for-team.ts";
import { html, type HtmlValue } from "#server/http/html.ts";
import { parseInput } from "#server/console/parse-input.ts";
import { asked, named, type Desk, type Draw } from "#server/console/visit.ts";
import { requireOwnForm, type OwnOrigin } from "#server/pages/own-origin.ts";

/** The case page, with the part of the thread and the message it was asked from. */
const Wish = z.object({
  page: z.string().regex(/^\/console\/case\/[^/?#\s]{1,600}(?:\?before=\d{1,16})?(?:#m\d{1,16})?$/),
});

/** Adds the form's route. Without a model that sees, there is nothing under its address. */
export function addPictureDescriptions(
  router: Router,
  { options: { parts } }: Desk,
  {
    page,
    ownOrigin,
  }: { readonly page: (draw: Draw) => RequestHandler; readonly ownOrigin: OwnOrigin },
): void {
  const describe = parts.pictures === null ? null : describingForTeam(parts, parts.pictures);
  router.post(
    "/files/:id/describe",
    requireOwnForm(ownOrigin),
    urlencoded({ extended: false, limit: "4kb" }),
    page(async (visit, request) =>
      describe === null ? null : described(describe, visit.email, request),
    ),
  );
}

/** Where the browser goes on: the same place on the case page, which shows the description or says why there is none. */
async function described(
  describe: DescribeForTeam,
  author: string,
  request: Request,
): Promise<string | null> {
  const { page } = parseInput(Wish, request.body);
  const outcome = await describe(named(request, "id"), author);
  if (outcome === "unknown") return null;
  if (outcome === "described") return page;
  const address = new URL(page, "http://console.invalid");
  address.searchParams.set("undescribed", outcome);
  return `${address.pathname}${address.search}`;
}

type Problem = Exclude<DescribedOutcome, "described" | "unknown">;

const PROBLEMS: Readonly<Record<Problem, string>> = {
  unfit: `it is no PNG, JPEG, GIF or WebP picture by its bytes, or larger than ${DESCRIBED_BYTES_MAX / 1_000_000} MB. Save the file to look at it.`,
  capped:
    "what may be spent on this conversation or on a day is used up. Look at it yourself, try again tomorrow, or have a lead raise caps in the policy.",
  unavailable:
    "the model did not answer in time, or is busy or away. Nothing was kept; try again in a minute.",
  refused:
    "the model refused it, or answered with what cannot be used. Nothing was kept; look at it yourself. If this happens with every picture, the model takes none: an admin can set DESKHAND_MODEL_PICTURES to off.",
};

/** Why the picture that was asked about just now has no description; nothing on a page opened otherwise. */
export function undescribedView(request: Request): HtmlValue {
  const problem = asked(request, "undescribed");
  if (!Object.hasOwn(PROBLEMS, problem)) return null;
  const words = Object.entries(PROBLEMS).find(([name]) => name === problem)?.[1];
  return html`<p class="notice warn" role="alert">The picture was not described: ${words}</p>`;
}
