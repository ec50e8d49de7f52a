/** One row of the list: a notification, or a group of them. */
import type { InboxFragment } from "../generated";
import { type Group, lineOf, secondLineOf } from "../model/groups";
import type { Known } from "../model/state";
import type { Session } from "../session";
import { Age, Away, Faces, Hidden, Kind, pure, Sign } from "./parts";
import { swipes } from "./swipe";

export type RowProps = {
  session: Session;
  group: Group;
  inbox: InboxFragment | undefined;
  href: string;
  now: number;
  isOpen: boolean;
  isSelected: boolean;
  /** What is known of its notifications, where it is unfolded. */
  members: readonly (Known | undefined)[] | null;
  word: string;
  answered: string | undefined;
};

export const RowView = pure(function RowView(props: RowProps) {
  const { session, group, inbox, isOpen, isSelected, word } = props;
  const { latest } = group;
  const line = lineOf(group);
  const state = `${group.isUnread ? " row-unread" : ""}${isOpen ? " row-open" : ""}${word ? " row-unsure" : ""}`;
  return (
    <li class={`row${state}`} data-group={group.groupId} {...swipes(session, group)}>
      <label class="pick">
        <input
          type="checkbox"
          aria-label={`Select: ${line}`}
          checked={isSelected}
          onChange={() => session.toggleSelected(group.groupId)}
        />
      </label>
      <Kind type={latest.type} />
      <Faces people={group.actors} />
      <div class="text">
        <a class="line" href={props.href} aria-current={isOpen ? "true" : undefined}>
          {group.isUnread && <Hidden>Unread: </Hidden>}
          <bdi>{line}</bdi>
        </a>
        {group.count > 1 && <Count {...props} />}
        <p class="second" dir="auto">
          {secondLineOf(latest)}
        </p>
        <p class="meta">
          <span class="tag">{inbox?.name ?? "…"}</span> <Age instant={latest.createdAt} now={props.now} />
          {word && <strong class="word">{word}</strong>}
        </p>
      </div>
      <Acts {...props} />
      {props.members && <Members {...props} members={props.members} />}
    </li>
  );
});

function Count({ session, group, members }: RowProps) {
  const count = `${group.count}${group.isCountCapped ? "+" : ""}`;
  return (
    <button
      class="count"
      aria-expanded={members !== null}
      aria-label={`${members ? "Hide" : "Show"} ${count} notifications`}
      onClick={() => session.unfold(group)}
    >
      {count} <span aria-hidden="true">{members ? "▴" : "▾"}</span>
    </button>
  );
}

function Acts({ session, group, inbox, answered }: RowProps) {
  const { latest } = group;
  const line = lineOf(group);
  return (
    <div class="acts">
      <Answer {...{ session, group, inbox, answered }} />
      {latest.url && (
        <Away class="act" href={latest.url} aria-label={`Open original: ${line}`}>
          <Sign drawn="link" />
        </Away>
      )}
      {session.canDismiss(group) && (
        <button class="act" aria-label={`Dismiss: ${line}`} title="Dismiss" onClick={() => session.dismiss([group])}>
          <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
            <path d="m3 8.5 3.5 3.5L13 4.5" />
          </svg>
        </button>
      )}
    </div>
  );
}

type AnswerProps = Pick<RowProps, "session" | "group" | "inbox" | "answered">;

/** What a follow request asks for. */
export function Answer({ session, group: { latest }, inbox, answered }: AnswerProps) {
  if (latest.type !== "FOLLOW_REQUEST" || inbox?.capabilities.canAnswerFollowRequests === false) return null;
  if (answered) return <span class="word">{answered === "ACCEPT" ? "Accepted" : "Rejected"}</span>;
  const who = latest.actor?.displayName ?? latest.summary;
  return (
    <>
      <button class="button" aria-label={`Accept ${who}`} onClick={() => session.acting.answer(latest, "ACCEPT")}>
        Accept
      </button>
      <button class="button" aria-label={`Reject ${who}`} onClick={() => session.acting.answer(latest, "REJECT")}>
        Reject
      </button>
    </>
  );
}

function Members({ group, members, now }: RowProps & { members: NonNullable<RowProps["members"]> }) {
  const more = group.count - members.length;
  return (
    <ol class="members">
      {members.map((row, at) =>
        typeof row === "object" ? (
          <li key={row.id}>
            <bdi>{row.summary}</bdi> <Age instant={row.createdAt} now={now} />
          </li>
        ) : (
          <li key={at}>{row === undefined ? "…" : row === "gone" ? "Gone" : "Can’t be read right now"}</li>
        ),
      )}
      {more > 0 && <li>and {more} more</li>}
    </ol>
  );
}
