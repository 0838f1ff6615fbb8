/** Turns message text into safe page elements; only hosts of the policy become links. */

/** Overrides and isolates can make a text read differently from its characters, so they are shown by name. */
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g;

/** The policy's link hosts, put in by the server. Only these become links, in any author's text. */
const LINK_HOSTS = ["{{link hosts}}"];

/** Web addresses in plain letters only: one in look-alike letters of another alphabet stays text. */
const ADDRESS = /https?:\/\/[\x21-\x7e]+/g;
/** Punctuation that ends a sentence or a bracket rather than an address. */
const TAIL = /[.,;:!?'"*)\]}>]+$/;

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
  made.append(...children);
  return made;
}

/** An SVG of one path, built node by node, since pages may forbid markup from strings. */
export function picture(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS(space, "path");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}

/** A message as nodes: text, and links to listed hosts. */
export function linkedNodes(text, newTab) {
  const nodes = [];
  const rest = { from: 0 };
  const words = visible(text);
  for (const { 0: found, index } of words.matchAll(ADDRESS)) {
    const address = found.replace(TAIL, "");
    // A letter of another alphabet right after it belongs to the address as people read it.
    const after = words.slice(index + found.length, index + found.length + 1);
    if (!isPlain(address) || /[^\s\x21-\x7e]/.test(after)) continue;
    nodes.push(words.slice(rest.from, index), linkTo(address, newTab));
    rest.from = index + address.length;
  }
  nodes.push(words.slice(rest.from));
  return nodes;
}

/** An address of a listed host. A user name before the host makes an address look like another site's. */
function isPlain(address) {
  if (!URL.canParse(address)) return false;
  const { host, username, password } = new URL(address);
  return LINK_HOSTS.includes(host) && username === "" && password === "";
}

function linkTo(address, newTab) {
  return element(
    "a",
    { href: address, target: "_blank", rel: "noopener noreferrer" },
    address,
    element("span", { className: "unseen" }, ` (${newTab})`),
  );
}
