/** Reloads the console from our own page, so that the browser sends the session cookie. */

// From another site the browser holds the session cookie back; from this page of ours it sends it. Which card was meant
// stands behind the #, which no server ever sees.
location.replace(`/console?from=link${location.hash}`);
