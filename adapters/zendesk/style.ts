/** Why an element's text cannot be seen. Each reason is inherited in its own way. */
export interface Concealment {
  /** Taken out of the page: nothing inside can show again. */
  readonly gone: boolean;
  /** Letters too small to see, until something inside sets a size. */
  readonly tiny: boolean;
  /** Letters in the colour of the page, until something inside sets a colour. */
  readonly blended: boolean;
}

export const NOT_CONCEALED: Concealment = { gone: false, tiny: false, blended: false };

export function isConcealed({ gone, tiny, blended }: Concealment): boolean {
  return gone || tiny || blended;
}

/** Letters below this many pixels cannot be read. */
const READABLE_PX_MIN = 3;
/** Further out than this a box is off any screen. */
const OFF_SCREEN_PX = -500;

const WHITE = new Set(["#fff", "#ffffff", "#ffff", "#ffffffff", "white", "rgb(255,255,255)"]);
const WHITE_PAGE = new Set([...WHITE, "", "transparent", "none", "inherit"]);

/** What this element's own name, attributes and inline style add to what it inherits. */
export function concealmentOf(
  name: string,
  attributes: ReadonlyMap<string, string>,
  parent: Concealment,
): Concealment {
  const style = declarationsOf(attributes.get("style") ?? "");
  const size = sizeOf(style, attributes, name);
  const color = style.get("color") ?? (name === "font" ? attributes.get("color") : undefined);
  return {
    gone: parent.gone || name === "template" || attributes.has("hidden") || isTakenOut(style),
    tiny: size === null ? parent.tiny : size < READABLE_PX_MIN,
    blended: color === undefined ? parent.blended : blends(color, style),
  };
}

/** Declarations by property, in lower case and without white space and comments; the last one counts. */
function declarationsOf(style: string): Map<string, string> {
  const declarations = new Map<string, string>();
  const plain = style.toLowerCase().replaceAll(/\/\*.*?\*\//gs, "");
  for (const declaration of plain.split(";")) {
    const colon = declaration.indexOf(":");
    if (colon === -1) continue;
    const value = declaration.slice(colon + 1).replaceAll("!important", "");
    declarations.set(declaration.slice(0, colon).trim(), value.replaceAll(/\s+/g, " ").trim());
  }
  return declarations;
}

type Style = ReadonlyMap<string, string>;

const NEVER_SHOWN: readonly (readonly [property: string, value: RegExp])[] = [
  ["display", /^none$/],
  ["visibility", /^(hidden|collapse)$/],
  ["mso-hide", /^all$/],
  ["clip", /^rect\((0|1px)/],
  ["clip-path", /^inset\((100%|50%)/],
  ["transform", /scale[xy]?\( ?0(\.0*)?[ ,)]/],
];
const PLACEMENTS = ["text-indent", "left", "top", "margin-left", "margin-top"];
const EXTENTS = ["height", "max-height", "width", "max-width"];

function isTakenOut(style: Style): boolean {
  return (
    NEVER_SHOWN.some(([property, value]) => value.test(style.get(property) ?? "")) ||
    isFaint(style.get("opacity")) ||
    PLACEMENTS.some((property) => (pixelsOf(style.get(property) ?? "") ?? 0) <= OFF_SCREEN_PX) ||
    isClippedAway(style)
  );
}

function isClippedAway(style: Style): boolean {
  const clips = ["overflow", "overflow-x", "overflow-y"].some((property) =>
    /^(hidden|clip)/.test(style.get(property) ?? ""),
  );
  return clips && EXTENTS.some((property) => (pixelsOf(style.get(property) ?? "") ?? 99) <= 1);
}

function isFaint(opacity: string | undefined): boolean {
  const value = Number.parseFloat(opacity ?? "");
  return value < (opacity?.endsWith("%") === true ? 10 : 0.1);
}

/** The size of letters in pixels; null when this element does not set one. */
function sizeOf(
  style: Style,
  attributes: ReadonlyMap<string, string>,
  name: string,
): number | null {
  const own = style.get("font-size");
  if (own !== undefined) return pixelsOf(own);
  // In the shorthand the size is the first length: "0/0 a", "italic 12px serif".
  const short = /(?:^| )(\d*\.?\d+(?:px|pt|em|rem|%)|0)(?:\/| |$)/.exec(style.get("font") ?? "");
  if (short !== null) return pixelsOf(short[1] ?? "");
  return name === "font" && attributes.get("size") === "0" ? 0 : null;
}

const PX_PER_UNIT: Readonly<Record<string, number>> = {
  "": 1,
  px: 1,
  pt: 4 / 3,
  em: 16,
  rem: 16,
  ex: 8,
  "%": 0.16,
  vw: 10,
  vh: 10,
  in: 96,
  cm: 38,
  mm: 3.8,
};

/** A length in pixels, roughly; null for words such as "small" and for what is computed. */
function pixelsOf(length: string): number | null {
  const [, value, unit] = /^(-?\d*\.?\d+) ?([a-z%]*)$/.exec(length) ?? [];
  const factor = PX_PER_UNIT[unit ?? "none"];
  return value === undefined || factor === undefined ? null : Number(value) * factor;
}

function blends(color: string, style: Style): boolean {
  const plain = color.toLowerCase().replaceAll(" ", "");
  const background = (style.get("background-color") ?? style.get("background") ?? "").replaceAll(
    " ",
    "",
  );
  if (plain === "transparent" || /^(rgba|hsla)\(.*,0(\.0*)?\)$/.test(plain)) return true;
  return plain === background || (WHITE.has(plain) && WHITE_PAGE.has(background));
}
