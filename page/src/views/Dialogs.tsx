/** What opens above the page: help, the inboxes on a small screen, and a question before much is gone. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Session } from "../session";
import { InboxWays } from "./Navigation";

export function Dialogs({ session }: { session: Session }) {
  const { dialog } = session.state;
  if (!dialog) return null;
  return (
    <Modal key={dialog.kind} session={session}>
      {dialog.kind === "help" && <Help session={session} />}
      {dialog.kind === "inboxes" && (
        <>
          <h2 id="dialog">Inboxes</h2>
          <nav aria-label="Inboxes">
            <InboxWays session={session} />
          </nav>
        </>
      )}
      {dialog.kind === "clear" && <AskToClear session={session} inboxId={dialog.inboxId} howMany={dialog.howMany} />}
    </Modal>
  );
}

function Modal({ session, children }: { session: Session; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  return (
    <dialog ref={element} aria-labelledby="dialog" onClose={() => session.openDialog(null)}>
      {children}
      <form method="dialog">
        <button class="button">Close</button>
      </form>
    </dialog>
  );
}

const KEYS = [
  ["j, k", "next row, previous row"],
  ["Enter", "open the row"],
  ["Esc", "back to the list"],
  ["x", "select the row"],
  ["e", "dismiss the row, or the selection"],
  ["o", "open the original"],
  [".", "show new notifications"],
  ["/", "search"],
  ["g a, g u, g m", "all, unread, mentions"],
  ["1 to 9", "go to that inbox"],
  ["?", "show this help"],
] as const;

function Help({ session }: { session: Session }) {
  const { hasKeys, key } = session.state;
  return (
    <>
      <h2 id="dialog" tabIndex={-1} autofocus>
        Help
      </h2>
      <p>All your inboxes in one list, newest first. Related notifications share a row.</p>
      <label class="setting">
        <input type="checkbox" checked={hasKeys} onChange={(event) => session.switchKeys(event.currentTarget.checked)} />
        Enable single-key shortcuts
      </label>
      <table>
        <caption>Keys</caption>
        <tbody>
          {KEYS.map(([keys, does]) => (
            <tr key={keys}>
              <th scope="row">
                <kbd>{keys}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        Built on <a href="graphql">the public GraphQL API</a>.
      </p>
      {key === "used" && (
        <button class="button" onClick={() => session.forgetKey()}>
          Forget key and cached notifications
        </button>
      )}
    </>
  );
}

function AskToClear({ session, inboxId, howMany }: { session: Session; inboxId: string; howMany: string | null }) {
  const inbox = session.state.inboxes?.find((each) => each.id === inboxId);
  const isWiki = inbox?.instance.platform === "MEDIAWIKI";
  return (
    <>
      <h2 id="dialog">Clear {inbox?.name}?</h2>
      <p>
        {howMany === null && "Counting its notifications … "}
        {howMany === "" && "Its notifications can’t be counted right now, so try again later. "}
        {howMany && `This removes ${howMany} notifications. `}
        {isWiki
          ? "The wiki marks its whole watchlist as seen and its own notifications as read."
          : "The server deletes them for good: you can’t undo this."}
      </p>
      <button
        class="button button-bad"
        disabled={!howMany || session.store.isOffline}
        onClick={() => {
          session.openDialog(null);
          session.acting.clear(inboxId);
        }}
      >
        Clear {inbox?.name}
      </button>
    </>
  );
}
