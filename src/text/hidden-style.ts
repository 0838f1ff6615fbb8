/**
 * Which markup and CSS makes text invisible, for every reader of HTML: hidden text is where instructions to a model are
 * put. Only what senders use to hide text is known here; layout is not.
 */

/** A colour as red, green and blue from 0 to 255, and its opacity from 0 to 1. */
export interface Color {
  readonly rgb: readonly [number, number, number];
  readonly alpha: number;
}

/** The default colours of a page and its text. */
const PAGE: Color = { rgb: [255, 255, 255], alpha: 1 };
const INK: Color = { rgb: [0, 0, 0], alpha: 1 };

/** Why an element's text cannot be seen. Each reason is inherited in its own way. */
export interface Concealment {
  /** Taken out of the page: nothing inside can show again. */
  readonly gone: boolean;
  /** Letters too small to see, until something inside sets a size. */
  readonly tiny: boolean;
  /** Colour of the letters and of what is behind them, until something inside sets another. */
  readonly ink: Color;
  readonly page: Color;
}

export const NOT_CONCEALED: Concealment = { gone: false, tiny: false, ink: INK, page: PAGE };

export function isConcealed(concealment: Concealment): boolean {
  // Nearly every element is as its page is.
  if (concealment === NOT_CONCEALED) return false;
  const { gone, tiny, ink, page } = concealment;
  return gone || tiny || isUnseen(ink, page);
}

/** Letters below this many pixels cannot be read. */
const READABLE_PX_MIN = 3;
/** Further out than this a box is off any screen. */
const OFF_SCREEN_PX = -500;

/** Shown only after a click, or only where something else cannot be; `bdo` shows its letters in another order. */
const UNSHOWN = new Set([
  "template",
  "dialog",
  "datalist",
  "object",
  "canvas",
  "audio",
  "video",
  "noscript",
  "select",
  "bdo",
]);

/** What this element's own name, attributes and inline style add to what it inherits. */
export function elementConcealment(
  name: string,
  attributes: ReadonlyMap<string, string>,
  parent: Concealment,
): Concealment {
  if (attributes.size === 0 && !UNSHOWN.has(name)) return parent;
  const style = styleDeclarations(attributes.get("style") ?? "");
  const size = letterSize(style, attributes, name);
  return {
    gone:
      parent.gone ||
      UNSHOWN.has(name) ||
      attributes.has("hidden") ||
      attributes.get("aria-hidden") === "true" ||
      isTakenOut(style),
    tiny: size === null ? parent.tiny : size < READABLE_PX_MIN,
    ink: letterInk(style, name === "font" ? attributes.get("color") : undefined) ?? parent.ink,
    page: pageBackground(style, attributes.get("bgcolor")) ?? parent.page,
  };
}

/** The simple selectors (`.name`, `#id`, `tag.name`) of a style sheet whose rules hide their elements. */
export function hiddenSelectors(sheet: string): readonly string[] {
  const found: string[] = [];
  // Old programs put a sheet into an HTML comment, which means nothing in CSS.
  const rules = withoutComments(sheet).replaceAll(/<!--|-->/g, " ");
  for (const rule of rules.split("}")) {
    // Rules inside @media keep the last "{": a phone rule that hides is still a rule that hides.
    const brace = rule.lastIndexOf("{");
    if (brace === -1) continue;
    const body = rule.slice(brace + 1);
    if (!body.includes(":")) continue;
    const style = new Map([["style", body]]);
    if (!isConcealed(elementConcealment("", style, NOT_CONCEALED))) continue;
    const selectors = rule.slice(rule.lastIndexOf("{", brace - 1) + 1, brace);
    for (const selector of selectors.split(","))
      if (selector.trim() !== "") found.push(selector.trim());
  }
  return found;
}

/** True when a rule of the style sheet hides this element. */
export function isSelected(
  selectors: ReadonlySet<string>,
  name: string,
  attributes: ReadonlyMap<string, string>,
): boolean {
  if (selectors.size === 0) return false;
  const classes = (attributes.get("class") ?? "").split(/\s+/);
  return (
    classes.some((word) => selectors.has(`.${word}`) || selectors.has(`${name}.${word}`)) ||
    selectors.has(`#${attributes.get("id") ?? ""}`)
  );
}

/** All values of each property in the order they stand, in lower case and without white space, comments and escapes. */
function styleDeclarations(style: string): Style {
  const declarations = new Map<string, string[]>();
  if (style === "") return declarations;
  for (const declaration of withoutEscapes(withoutComments(style)).toLowerCase().split(";")) {
    const colon = declaration.indexOf(":");
    if (colon === -1) continue;
    const property = declaration.slice(0, colon).trim();
    const value = declaration.slice(colon + 1).replaceAll("!important", "");
    const values = declarations.get(property) ?? [];
    if (values.push(value.replaceAll(/\s+/g, " ").trim()) === 1) declarations.set(property, values);
  }
  return declarations;
}

/** Comments, and the strings and addresses that may look as if they held one; what is never closed takes the rest. */
const NO_VALUE =
  /\/\*.*?(?:\*\/|$)|"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|'[^'\\\n]*(?:\\.[^'\\\n]*)*'?|url\(\s*(?!["'\s])[^)]*(?:\)|$)/gis;

function withoutComments(css: string): string {
  return css.replaceAll(NO_VALUE, "");
}

/** `\64 isplay` is `display` to a browser (CSS Syntax 4.3.7). */
function withoutEscapes(style: string): string {
  return style.replaceAll(/\\([0-9a-f]{1,6})\s?|\\(.)/gi, (_whole, hex?: string, plain = "") => {
    const code = Number.parseInt(hex ?? "", 16);
    return hex === undefined
      ? plain
      : code > 0 && code <= 0x10ffff
        ? String.fromCodePoint(code)
        : "";
  });
}

type Style = ReadonlyMap<string, readonly string[]>;

const NEVER_SHOWN: readonly (readonly [property: string, value: RegExp])[] = [
  // What a variable holds is not looked up: text that needs one to be shown is not trusted.
  ["display", /^(none$|var\()/],
  ["visibility", /^(hidden|collapse)$/],
  ["content-visibility", /^hidden$/],
  ["unicode-bidi", /override/],
  ["mso-hide", /^all$/],
  ["clip", /^rect\( ?(0|1px)/],
  [
    "clip-path",
    /^(inset\( ?(100%|50%)|(circle|ellipse)\( ?0|polygon\( ?0[a-z%]* 0[a-z%]* ?, ?0[a-z%]* 0)/,
  ],
  ["transform", /scale[xy]?\( ?0?(\.0*)?[ ,)]|translate(x|y|3d)?\( ?-\d{3,}|rotate[xy]\( ?90deg/],
  ["scale", /^0(\.0*)?( |$)/],
  ["zoom", /^0(\.0*)?%?$/],
  ["max-height", /^0(\.0*)?(px|pt|em|rem|%)?$/],
  ["max-width", /^0(\.0*)?(px|pt|em|rem|%)?$/],
  ["line-height", /^0(\.0*)?(px|pt|em|rem|%)?$/],
  ["filter", /opacity\( ?0?(\.0\d*)?%? ?\)/],
];
const PLACEMENTS = ["text-indent", "left", "right", "top", "bottom", "margin-left", "margin-top"];
const EXTENTS = ["height", "max-height", "width", "max-width"];

/** Of several values of a property a browser takes the last it understands; one that hides is never trusted to be undone. */
function isTakenOut(style: Style): boolean {
  const some = (property: string, test: (value: string) => boolean): boolean =>
    (style.get(property) ?? []).some(test);
  return (
    NEVER_SHOWN.some(([property, pattern]) => some(property, (value) => pattern.test(value))) ||
    some("opacity", (opacity) => (numberIn(opacity) ?? 1) < (opacity.endsWith("%") ? 10 : 0.1)) ||
    PLACEMENTS.some((property) =>
      some(property, (value) => (lengthInPixels(value) ?? 0) <= OFF_SCREEN_PX),
    ) ||
    some("letter-spacing", (value) => (lengthInPixels(value) ?? 0) <= -8) ||
    isClippedAway(some)
  );
}

function isClippedAway(some: (property: string, test: (value: string) => boolean) => boolean) {
  const clips = ["overflow", "overflow-x", "overflow-y"].some((property) =>
    some(property, (value) => /^(hidden|clip)/.test(value)),
  );
  return (
    clips &&
    (EXTENTS.some((property) => some(property, (value) => (lengthInPixels(value) ?? 99) <= 1)) ||
      some("text-indent", (value) => (lengthInPixels(value) ?? 0) >= 16))
  );
}

function numberIn(value: string): number | null {
  const number = Number.parseFloat(value.replace(/^calc\(/, ""));
  return Number.isNaN(number) ? null : number;
}

/** The size of letters in pixels; null when this element does not set one. */
function letterSize(
  style: Style,
  attributes: ReadonlyMap<string, string>,
  name: string,
): number | null {
  const own = lastKnown(style.get("font-size"), lengthInPixels);
  if (own !== null) return own;
  // In the shorthand the size is the first length: "0/0 a", "italic 12px serif".
  const short = lastKnown(style.get("font"), (value) => {
    const length = /(?:^| )((?:\d+(?:\.\d+)?|\.\d+)(?:px|pt|em|rem|%)|0)(?:\/| |$)/.exec(
      value,
    )?.[1];
    return length === undefined ? null : lengthInPixels(length);
  });
  if (short !== null) return short;
  return name === "font" && attributes.get("size") === "0" ? 0 : null;
}

/** The last of the values that is understood, as in a browser. */
function lastKnown<T>(
  values: readonly string[] | undefined,
  read: (value: string) => T | null,
): T | null {
  return (values ?? []).map(read).findLast((value) => value !== null) ?? null;
}

const PX_PER_UNIT: Readonly<Record<string, number>> = {
  "": 1,
  px: 1,
  pt: 4 / 3,
  em: 16,
  rem: 16,
  ex: 8,
  ch: 8,
  "%": 0.16,
  vw: 10,
  vh: 10,
  in: 96,
  cm: 38,
  mm: 3.8,
};

/** A length in pixels, roughly, of what is computed the largest part; null for words such as "small". */
function lengthInPixels(length: string): number | null {
  const computed = /^(?:calc|min|max|clamp)\((.*)\)$/.exec(length)?.[1];
  if (computed !== undefined) {
    const parts = computed.split(/[\s,()*/]+/).map(lengthInPixels);
    return parts.reduce(
      (most, part) => (part === null ? most : Math.max(most ?? part, part)),
      null,
    );
  }
  const [, value, unit] = /^([+-]?(?:\d+(?:\.\d+)?|\.\d+)) ?([a-z%]*)$/.exec(length) ?? [];
  const factor = PX_PER_UNIT[unit ?? "none"];
  return value === undefined || factor === undefined ? null : Number(value) * factor;
}

function letterInk(style: Style, attribute: string | undefined): Color | null {
  return (
    lastKnown(style.get("-webkit-text-fill-color"), colorIn) ??
    lastKnown(style.get("color"), colorIn) ??
    (attribute === undefined ? null : colorIn(attribute))
  );
}

/** A background that lets through what is behind it is none; of one with a picture the colour counts. */
function pageBackground(style: Style, attribute: string | undefined): Color | null {
  const own =
    lastKnown(style.get("background-color"), colorIn) ??
    lastKnown(style.get("background"), colorIn) ??
    (attribute === undefined ? null : colorIn(attribute));
  return own === null || own.alpha < 0.5 ? null : own;
}

/** Colour names used to hide text, and common backgrounds of white text. */
const NAMED: Readonly<Record<string, string>> = {
  white: "#ffffff",
  snow: "#fffafa",
  ivory: "#fffff0",
  whitesmoke: "#f5f5f5",
  ghostwhite: "#f8f8ff",
  floralwhite: "#fffaf0",
  black: "#000000",
  navy: "#000080",
  blue: "#0000ff",
  red: "#ff0000",
  green: "#008000",
  gray: "#808080",
  grey: "#808080",
  silver: "#c0c0c0",
  yellow: "#ffff00",
  orange: "#ffa500",
  purple: "#800080",
  teal: "#008080",
  lightyellow: "#ffffe0",
  transparent: "#00000000",
};

/** The first known colour in a value, such as that of a background with a picture; null when there is none. */
export function colorIn(value: string): Color | null {
  const pattern = /#[0-9a-f]{3,8}(?![0-9a-z])|(?:rgb|hsl)a?\([^()]{1,80}\)|[a-z]+/g;
  for (const [token] of value.toLowerCase().slice(0, 500).matchAll(pattern)) {
    const hex = NAMED[token] ?? token;
    const color = hex.startsWith("#") ? fromHex(hex.slice(1)) : fromFunction(hex);
    if (color !== null) return color;
  }
  return null;
}

function fromHex(digits: string): Color | null {
  const long = digits.length <= 4 ? digits.replaceAll(/./g, "$&$&") : digits;
  if (long.length !== 6 && long.length !== 8) return null;
  const part = (at: number): number => Number.parseInt(long.slice(at, at + 2), 16);
  return { rgb: [part(0), part(2), part(4)], alpha: long.length === 8 ? part(6) / 255 : 1 };
}

function fromFunction(token: string): Color | null {
  const [, name, inside = ""] = /^(rgb|hsl)a?\((.*)\)$/.exec(token) ?? [];
  if (name === undefined) return null;
  const parts = inside.split(/[\s,/]+/).filter((part) => part !== "");
  const [first = 0, second = 0, third = 0, alpha = 1] = parts.map((part, index) =>
    part.endsWith("%") && (name === "rgb" || index === 3)
      ? (Number.parseFloat(part) / 100) * (index === 3 ? 1 : 255)
      : Number.parseFloat(part),
  );
  if (name === "rgb") return { rgb: [first, second, third], alpha };
  // Only the lightness matters here.
  const grey = (third / 100) * 255;
  return { rgb: [grey, grey, grey], alpha };
}

/** A smaller difference is invisible; the unit is one of 255 steps. */
const SEEN_MIN = 24;

/** True when text of this colour is indistinguishable from its background. */
function isUnseen(letters: Color, behind: Color): boolean {
  if (letters.alpha < 0.1) return true;
  const difference = letters.rgb.map((part, index) => Math.abs(part - (behind.rgb[index] ?? 0)));
  return Math.max(...difference) * letters.alpha < SEEN_MIN;
}
