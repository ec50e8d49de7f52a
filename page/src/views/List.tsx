/** The list: blocks of rows, of which only those near the window are drawn. */
import { Component, type JSX } from "preact";

import type { InboxFragment } from "../generated";
import { wordOf } from "../model/acts";
import type { Group } from "../model/groups";
import type { Shown } from "../model/shown";
import type { State } from "../model/state";
import { hrefOf } from "../model/view";
import { isListHidden } from "../place";
import type { Session } from "../session";
import { RowView } from "./Row";
import { dayOf } from "./times";

const NEAR = 900; // pixels above and below the window
const AHEAD = 1800;
const ROW_HEIGHT = 76;
/** Blocks; of a list that is come back to only those near the place are drawn at first. */
const DRAWN_AT_ONCE = 3;

type Props = { session: Session; state: State; shown: Shown[] };

export class ListView extends Component<Props> {
  private stop = () => {};
  private drawn = new Set<number>();

  override componentDidMount(): void {
    const look = () => this.readAhead();
    addEventListener("scroll", look, { passive: true });
    this.stop = () => removeEventListener("scroll", look);
    look();
  }

  override componentWillUnmount(): void {
    this.stop();
  }

  override componentDidUpdate(): void {
    this.readAhead();
    const { session, state, shown } = this.props;
    for (const group of shown.flatMap((block) => block.groups)) {
      if (state.unfolded.has(group.groupId)) void session.reading.details(group.notificationIds);
    }
  }

  private readAhead(): void {
    const { session, state } = this.props;
    if (!state.list || state.isLoading || state.view.search || isListHidden()) return;
    if (Date.now() < state.stalledUntil) return;
    const bottom = document.documentElement.scrollHeight - scrollY - innerHeight;
    if (state.list.hasBelow && bottom < AHEAD) void session.reading.below();
    else if (state.list.hasAbove && scrollY < AHEAD) void session.reading.above();
  }

  override render({ session, state, shown }: Props): JSX.Element {
    const inboxes = new Map(state.inboxes?.map((each) => [each.id, each]));
    let day = "";
    const isMuch = shown.filter((block) => !this.drawn.has(block.key)).length > DRAWN_AT_ONCE;
    this.drawn = new Set(shown.map((block) => block.key));
    return (
      <div class="list">
        {shown.map((block, at) => {
          const before = day;
          const last = block.groups.at(-1);
          if (last) day = dayOf(last.latest.createdAt, state.now);
          const startsNear = !isMuch || session.isNearGoal(shown, at);
          return <BlockView key={block.key} {...{ session, state, block, before, inboxes, startsNear }} />;
        })}
      </div>
    );
  }
}

type BlockProps = {
  session: Session;
  state: State;
  block: Shown;
  /** The day that the rows above are of. */
  before: string;
  inboxes: ReadonlyMap<string, InboxFragment>;
  startsNear: boolean;
};

const told = new WeakMap<Element, (entry: IntersectionObserverEntry) => void>();
const nearby = new IntersectionObserver((entries) => entries.forEach((entry) => told.get(entry.target)?.(entry)), {
  rootMargin: `${NEAR}px 0px`,
});

class BlockView extends Component<BlockProps, { isNear: boolean }> {
  override state = { isNear: this.props.startsNear };
  private element: HTMLElement | null = null;
  private height = 0;

  override componentDidMount(): void {
    told.set(this.element!, ({ isIntersecting, boundingClientRect }) => {
      if (boundingClientRect.width === 0) return; // the whole list is hidden
      if (!isIntersecting) this.height = boundingClientRect.height;
      this.setState({ isNear: isIntersecting }); // also where it seems the same: another may be under way
    });
    nearby.observe(this.element!);
  }

  override componentWillUnmount(): void {
    nearby.unobserve(this.element!);
  }

  override render({ block, before, state }: BlockProps, { isNear }: { isNear: boolean }): JSX.Element {
    const style = isNear ? undefined : { height: `${this.height || block.groups.length * ROW_HEIGHT}px` };
    return (
      <div class="block" style={style} ref={(element) => void (this.element = element)}>
        {isNear && daysOf(block.groups, before, state.now).map((day) => this.day(day))}
      </div>
    );
  }

  private day({ name, isNew, groups }: Day) {
    return (
      <section key={name}>
        {isNew && <h3 class="day">{name}</h3>}
        <ol>{groups.map((group) => this.row(group))}</ol>
      </section>
    );
  }

  private row(group: Group) {
    const { session, state, inboxes } = this.props;
    const { latest, groupId } = group;
    const { open } = state.view;
    return (
      <RowView
        key={groupId}
        session={session}
        group={group}
        inbox={inboxes.get(latest.inbox.id)}
        href={hrefOf({ ...state.view, open: latest.id })}
        now={state.now}
        isOpen={open !== null && group.notificationIds.includes(open)}
        isSelected={state.selected.has(groupId)}
        members={state.unfolded.has(groupId) ? session.membersOf(group) : null}
        word={wordOf(group, state.acts)}
        answered={state.answered.get(latest.id)}
      />
    );
  }
}

type Day = { name: string; isNew: boolean; groups: Group[] };

function daysOf(groups: readonly Group[], before: string, now: number): Day[] {
  const days: Day[] = [];
  for (const group of groups) {
    const name = dayOf(group.latest.createdAt, now);
    if (days.at(-1)?.name === name) days.at(-1)!.groups.push(group);
    else days.push({ name, isNew: days.length > 0 || name !== before, groups: [group] });
  }
  return days;
}
