/** Which CSS makes text invisible. Only what senders use to hide text is known here; layout is not. */

const RULES_MAX = 500;
const WHITE = /^(?:white|#fff(?:f|fff|fffff)?|rgba?\(\s*255\s*,\s*255\s*,\s*255\b.*)$/;

/** True when an element with this inline style, on this background, cannot be read. */
export function hiddenByStyle(style: string, bgcolor: string | undefined): boolean {
  if (style === "") return false;
  const declared = declarationsOf(style);
  return hidesAll(declared) || isWhiteOnWhite(declared, bgcolor) || isOffScreen(declared);
}

/** The simple selectors (`.name`, `#id`, `tag.name`) of a style sheet whose rules hide their elements. */
export function hiddenSelectors(sheet: string): readonly string[] {
  const found: string[] = [];
  for (const rule of sheet.split("}").slice(0, RULES_MAX)) {
    // Rules inside @media keep the last "{": a phone rule that hides is still a rule that hides.
    const brace = rule.lastIndexOf("{");
    if (brace === -1 || !hiddenByStyle(rule.slice(brace + 1), undefined)) continue;
    const selectors = rule.slice(rule.lastIndexOf("{", brace - 1) + 1, brace).split(",");
    found.push(
      ...selectors.map((selector) => selector.trim()).filter((selector) => selector !== ""),
    );
  }
  return found;
}

function declarationsOf(style: string): ReadonlyMap<string, string> {
  const declared = new Map<string, string>();
  for (const part of style.slice(0, 5_000).split(";")) {
    const colon = part.indexOf(":");
    if (colon === -1) continue;
    const value = part.slice(colon + 1).replace("!important", "");
    declared.set(part.slice(0, colon).trim().toLowerCase(), value.trim().toLowerCase());
  }
  return declared;
}

function hidesAll(declared: ReadonlyMap<string, string>): boolean {
  return (
    declared.get("display") === "none" ||
    ["hidden", "collapse"].includes(declared.get("visibility") ?? "") ||
    declared.get("mso-hide") === "all" ||
    isNothing(declared.get("font-size"), 1) ||
    isNothing(declared.get("max-height"), 0) ||
    isNothing(declared.get("max-width"), 0) ||
    (isNothing(declared.get("height"), 0) && declared.get("overflow") === "hidden") ||
    isNothing(declared.get("opacity"), 0.05) ||
    /^(?:transparent|rgba\([^)]*,\s*0(?:\.0+)?\s*\))$/.test(declared.get("color") ?? "")
  );
}

/** True for a length of at most `most` in whatever unit: nobody reads text of one pixel. */
function isNothing(value: string | undefined, most: number): boolean {
  const number = /^(\d*\.?\d+)(?:px|pt|em|rem|%)?$/.exec(value ?? "")?.[1];
  if (number === undefined) return false;
  const relative = /(?:em|%)$/.test(value ?? "");
  return Number(number) <= (relative ? Math.min(most, 0.05) : most);
}

function isWhiteOnWhite(
  declared: ReadonlyMap<string, string>,
  bgcolor: string | undefined,
): boolean {
  const color = declared.get("color");
  if (color === undefined) return false;
  const background = declared.get("background-color") ?? declared.get("background") ?? bgcolor;
  if (background === undefined || background === "" || background === "transparent")
    return WHITE.test(color);
  return color === background.trim().toLowerCase() || (WHITE.test(color) && WHITE.test(background));
}

function isOffScreen(declared: ReadonlyMap<string, string>): boolean {
  return ["left", "top", "text-indent", "margin-left"].some((name) =>
    /^-\d{3,}/.test(declared.get(name) ?? ""),
  );
}
