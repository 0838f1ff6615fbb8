/** The widget's styles, with the shop's own colours. */

/** The text of widget.css, which the server puts in. */
const CSS = "{{widget.css}}";

/** Colours with a six-digit code, as brands write them. */
const COLOUR = /^#[\da-f]{6}$/i;

/** The style of one page's widget. Constructed, because a shop's policy may forbid style in its markup. */
export function styleFor({ color = "", theme = "", side = "" }) {
  const scheme = ["light", "dark"].includes(theme) ? `color-scheme: ${theme} !important;` : "";
  const own = [
    side === "left" ? "--left: 20px; --right: auto;" : "",
    // A brand's colour fills buttons; links keep to the colour of the text, which is sure to be readable.
    COLOUR.test(color)
      ? `--accent: ${color}; --on-accent: ${inkOn(color)}; --link: var(--ink);`
      : "",
  ];
  return [CSS, `:host { ${scheme} } .launcher, .panel { ${own.join(" ")} }`].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}

/** Black or white, whichever stands out more from the colour by the contrast formula of WCAG 2. */
function inkOn(color) {
  const [red, green, blue] = [1, 3, 5].map((place) => {
    const part = Number.parseInt(color.slice(place, place + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return bright > 0.179 ? "#000" : "#fff";
}
