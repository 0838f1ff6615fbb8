/** Determines which CSS makes text invisible. It covers what senders use to hide text, not layout. */

const RULES_MAX = 500;
/** The sum over red, green and blue: a reader cannot tell colours apart that are closer than this. */
const CONTRAST_MIN = 24;
const NAMED_COLORS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    white: "ffffff",
    black: "000000",
    red: "ff0000",
    green: "008000",
    blue: "0000ff",
    yellow: "ffff00",
    gray: "808080",
    grey: "808080",
    silver: "c0c0c0",
    navy: "000080",
    snow: "fffafa",
    ivory: "fffff0",
    whitesmoke: "f5f5f5",
    ghostwhite: "f8f8ff",
    lightyellow: "ffffe0",
  }),
);

/** The background an element's own style or attribute sets, as CSS writes it; `picture` for an image. */
export function backgroundOf(style: string, bgcolor: string | undefined): string | undefined {
  const declared = declarationsOf(style);
  const written = declared.get("background-color") ?? declared.get("background") ?? bgcolor;
  const background = (written ?? "").trim().toLowerCase();
  if (["", "none", "transparent", "inherit", "initial"].includes(background)) return undefined;
  return /url\(|gradient/.test(background) ? "picture" : background;
}

/** True when an element with this inline style is unreadable on this background. */
export function hiddenByStyle(style: string, background: string): boolean {
  if (style === "") return false;
  const declared = declarationsOf(style);
  return (
    hidesAll(declared) ||
    isOffScreen(declared) ||
    isInvisible(declared.get("color") ?? "", backgroundOf(style, undefined) ?? background)
  );
}

/** True when text of this colour is indistinguishable from its background. */
export function isInvisible(color: string, background: string): boolean {
  const [text, paper] = [channelsOf(color), channelsOf(background)];
  if (text === null || paper === null) return false;
  const distance = text.map((channel, index) => Math.abs(channel - (paper[index] ?? 0)));
  return distance.reduce((sum, one) => sum + one, 0) < CONTRAST_MIN;
}

/** Null for anything but a plain colour, which hides nothing. */
function channelsOf(color: string): readonly number[] | null {
  const text = color.trim().toLowerCase();
  const named = NAMED_COLORS.get(text) ?? /^#([0-9a-f]{3,8})\b/.exec(text)?.[1];
  if (named !== undefined) {
    const wide = named.length < 6 ? named.replace(/./g, "$&$&") : named;
    return [0, 2, 4].map((at) => Number.parseInt(wide.slice(at, at + 2), 16));
  }
  const rgb = /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\b/.exec(text);
  return rgb === null ? null : rgb.slice(1, 4).map(Number);
}

/** The simple selectors (`.name`, `#id`, `tag.name`) of a style sheet whose rules hide their elements. */
export function hiddenSelectors(sheet: string): readonly string[] {
  const found: string[] = [];
  for (const rule of sheet.split("}").slice(0, RULES_MAX)) {
    // Rules inside @media are found by their last "{": a rule that hides text on phones counts too.
    const brace = rule.lastIndexOf("{");
    if (brace === -1 || !hiddenByStyle(rule.slice(brace + 1), "white")) continue;
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
    isNothing(declared.get("opacity"), 0.05) ||
    hasNoSize(declared) ||
    /^rect\((?:\s*[01](?:px)?[\s,]*){4}\)$/.test(declared.get("clip") ?? "") ||
    /\bscale[xy]?\(\s*0(?:\.0+)?\s*[,)]/.test(declared.get("transform") ?? "") ||
    /^(?:transparent|rgba\([^)]*,\s*0(?:\.0+)?\s*\))$/.test(declared.get("color") ?? "")
  );
}

function hasNoSize(declared: ReadonlyMap<string, string>): boolean {
  return (
    isNothing(declared.get("font-size"), 1) ||
    ["max-height", "max-width", "line-height"].some((name) => isNothing(declared.get(name), 0)) ||
    (isNothing(declared.get("height"), 0) && declared.get("overflow") === "hidden")
  );
}

/** True for a length of at most `most` in any unit: text of one pixel is unreadable. */
function isNothing(value: string | undefined, most: number): boolean {
  const number = /^(\d*\.?\d+)(?:px|pt|em|rem|%)?$/.exec(value ?? "")?.[1];
  if (number === undefined) return false;
  const relative = /(?:em|%)$/.test(value ?? "");
  return Number(number) <= (relative ? Math.min(most, 0.05) : most);
}

function isOffScreen(declared: ReadonlyMap<string, string>): boolean {
  return ["left", "top", "text-indent", "margin-left"].some((name) =>
    /^-\d{3,}/.test(declared.get(name) ?? ""),
  );
}
