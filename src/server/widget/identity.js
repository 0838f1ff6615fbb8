/** Asks the shop for the visitor's signed token. */

/** A token that runs out this soon is asked for again rather than used. */
const SOON_MS = 30_000;

/**
 * Who the visitor is, as the shop signs it: `window.deskhandIdentity` is a token or a function that gives one, or
 * nothing for a visitor who is not signed in. It is asked again when a token has run out or was refused. Rejects when
 * the shop's function does.
 */
export function createIdentitySource() {
  const known = { token: "", who: "", until: 0 };
  const times = { forgotten: 0 };
  return {
    async current(again = false) {
      if (!again && known.token !== "" && Date.now() < known.until) return known;
      const { forgotten } = times;
      const source = window.deskhandIdentity;
      const given = typeof source === "function" ? await source() : source;
      // If the user signed out meanwhile, the shop's answer is about the wrong user: ask again.
      if (times.forgotten !== forgotten) return this.current(true);
      const token = typeof given === "string" ? given : "";
      const { sub = "", exp = 0 } = tokenClaims(token);
      return Object.assign(known, { token, who: String(sub), until: exp * 1_000 - SOON_MS });
    },
    forget() {
      times.forgotten += 1;
      Object.assign(known, { token: "", who: "", until: 0 });
    },
  };
}

/** Read to tell visitors apart in this browser; only the server can check that it is true. */
function tokenClaims(token) {
  try {
    const coded = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
}
