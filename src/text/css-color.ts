/** CSS colours, and whether text in one can be seen. */

/** A colour as red, green and blue from 0 to 255, and its opacity from 0 to 1. */
export interface Color {
  readonly rgb: readonly [number, number, number];
  readonly alpha: number;
}

/** The default colours of a page and its text. */
export const PAGE: Color = { rgb: [255, 255, 255], alpha: 1 };
export const INK: Color = { rgb: [0, 0, 0], alpha: 1 };

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
export function isUnseen(letters: Color, behind: Color): boolean {
  if (letters.alpha < 0.1) return true;
  const difference = letters.rgb.map((part, index) => Math.abs(part - (behind.rgb[index] ?? 0)));
  return Math.max(...difference) * letters.alpha < SEEN_MIN;
}
