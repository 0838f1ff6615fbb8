/** Opens the wanted page of the console from a page of ours, so that the browser sends the session cookie. */

import { at } from "./dom.js";

// A browser withholds the session cookie on a link from another site, and sends it from our own page. The card's id
// is behind the #, which is never sent to a server.
location.replace(`${at("onward").getAttribute("href")}${location.hash}`);
