/** What stands where rows would be: before the first ones, where there are none, where a key is asked. */
import { useState } from "preact/hooks";

import type { Session } from "../session";
import { ALL, hrefOf } from "../model/view";

export function Loading() {
  return (
    <div class="loading" role="status">
      <span class="hidden">Loading …</span>
      {Array.from({ length: 12 }, (_, at) => (
        <div class="row bone" key={at} aria-hidden="true" />
      ))}
    </div>
  );
}

export function Problem({ session, text }: { session: Session; text: string }) {
  return (
    <div class="place">
      <h2>{session.state.link === "offline" ? "Offline" : "Something went wrong"}</h2>
      <p>{text}</p>
      <button class="button" onClick={() => void session.renew({ isNow: true })}>
        Retry
      </button>
    </div>
  );
}

export function Empty({ session }: { session: Session }) {
  const { view, list } = session.state;
  const failed = list?.sources.filter((source) => source.freshness === "MISSING").length ?? 0;
  if (view.search) {
    return (
      <div class="place">
        <h2>No matches</h2>
        <p>The search covers the notifications that are loaded{list?.hasBelow ? ", and there are older ones." : "."}</p>
        <a class="button" href={hrefOf({ ...view, search: "" })}>
          Clear the search
        </a>
      </div>
    );
  }
  if (failed > 0) {
    return (
      <div class="place">
        <h2>Nothing to show</h2>
        <p>
          {failed === 1 ? "One inbox isn’t responding" : `${failed} inboxes aren’t responding`}: see above. There is
          nothing else.
        </p>
      </div>
    );
  }
  if (list?.isIncomplete) {
    return (
      <div class="place">
        <h2>Nothing found yet</h2>
        <p>The newest notifications have nothing to show here. Older ones may.</p>
      </div>
    );
  }
  return (
    <div class="place">
      <h2>All caught up</h2>
      <p>New notifications appear here when they arrive.</p>
      {view !== ALL && hrefOf(view) !== hrefOf(ALL) && (
        <a class="button" href={hrefOf(ALL)}>
          All inboxes
        </a>
      )}
    </div>
  );
}

const EXAMPLE = `[[inboxes]]
name = "home"
platform = "mastodon"
url = "https://mastodon.social"
token = "env:HOME_TOKEN"`;

export function FirstRun() {
  return (
    <div class="place">
      <h2>Add your first inbox</h2>
      <p>
        An inbox is one login at a Mastodon server or a MediaWiki wiki. To add one, edit <code>tidings.toml</code>:
      </p>
      <pre tabIndex={0}>{EXAMPLE}</pre>
      <p>
        Create the token at the server, under Preferences, Development, New application. Run <code>tidings check</code> to
        test it, then <code>tidings reload</code> to apply it.
      </p>
      <p>
        To try it out first, run <code>make demo</code>.
      </p>
    </div>
  );
}

export function KeyForm({ session }: { session: Session }) {
  const [key, setKey] = useState("");
  const isWrong = session.state.key === "wrong";
  return (
    <form
      class="place"
      onSubmit={(event) => {
        event.preventDefault();
        if (key) session.useKey(key.trim());
      }}
    >
      <h2>Enter your key</h2>
      <p id="key-about">Whoever runs this gateway can give you one. It is kept in this tab only.</p>
      <label for="key">Key</label>
      <input
        id="key"
        type="password"
        autocomplete="current-password"
        value={key}
        aria-describedby={isWrong ? "key-wrong" : "key-about"}
        aria-invalid={isWrong}
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      {isWrong && (
        <p id="key-wrong" class="report report-bad" role="alert">
          This key isn’t valid. Check for missing or extra characters.
        </p>
      )}
      <button class="button">Use this key</button>
    </form>
  );
}
