/** Reloads the console from our own page, so that the browser sends the session cookie. */

// A browser withholds the session cookie on a link from another site, and sends it from our own page. The card's id
// is behind the #, which is never sent to a server.
location.replace(`/console?from=link${location.hash}`);
