/** What stands above everything: search, the connection, help. */
import { POLL_SECONDS } from "../following";
import type { Link } from "../model/state";
import type { Session } from "../session";
import { ALL, hrefOf } from "../model/view";

const LINKS: Record<Link, string> = {
  connecting: "connecting",
  live: "live",
  polling: `every ${POLL_SECONDS} s`,
  offline: "offline",
};

export function Header({ session }: { session: Session }) {
  const { view, link } = session.state;
  return (
    <header>
      <h1>
        <a href={hrefOf(ALL)}>Tidings</a>
      </h1>
      <input
        type="search"
        id="search"
        aria-label="Search loaded notifications"
        placeholder="Search"
        value={view.search}
        onInput={({ currentTarget }) => session.go({ search: currentTarget.value }, { replaces: view.search !== "" })}
      />
      <span class="link">
        <span class={`dot link-${link}`} />
        {LINKS[link]}
      </span>
      <button class="button" aria-label="Help" aria-haspopup="dialog" onClick={() => session.openDialog({ kind: "help" })}>
        ?
      </button>
    </header>
  );
}
