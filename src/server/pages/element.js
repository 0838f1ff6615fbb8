/** Elements and third-party text for the scripts of our pages and of the chat widget, which is bundled with them. */

/** Overrides and isolates can make a text read differently from its characters, so they are shown by name. */
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g;

/** Third-party text made safe to show: it cannot reverse the text next to it. */
export function visible(text) {
  return text.replace(
    BIDI_CONTROLS,
    (mark) => `[U+${mark.charCodeAt(0).toString(16).toUpperCase()}]`,
  );
}

/** Makes an element. Text comes in only as text nodes or properties, never as markup. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties))
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}
