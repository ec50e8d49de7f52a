/** Starts the page. */
import { render } from "preact";

import { Keys } from "./keys";
import { findPlace } from "./place";
import { titleOf } from "./views/Navigation";
import { App } from "./views/App";
import { Session } from "./session";
import { countArrived } from "./model/list";
import { readView } from "./model/view";

const root = document.getElementById("page")!;
let isDue = false;

/** Draws what the state says, once for all changes of one task. */
function draw(): void {
  isDue = false;
  const { view, unseen, list } = session.state;
  const count = Math.max(unseen, countArrived(list));
  document.title = `${count ? `(${count}) ` : ""}${titleOf(view)} · Tidings`;
  const place = findPlace(list?.hasAbove);
  const hadFocus = root.contains(document.activeElement);
  render(<App session={session} />, root);
  if (hadFocus && document.activeElement === document.body) document.getElementById("view")?.focus({ preventScroll: true });
  session.settlePlace(place);
}

const session = new Session(() => {
  if (!isDue) queueMicrotask(draw);
  isDue = true;
});

/** Links to views of the page change the view, and load nothing. */
root.addEventListener("click", (event) => {
  const link = (event.target as Element).closest("a");
  const href = link?.getAttribute("href");
  if (!link || !href || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!href.startsWith("?") && href !== "./") return;
  event.preventDefault();
  session.go(readView(new URL(link.href).search));
});

root.replaceChildren();
draw();
new Keys(session).start();
session.start();
