/** Dismisses a row that a finger draws aside. */
import type { Group } from "../model/groups";
import type { Session } from "../session";

const FAR = 96; // pixels

export function swipes(session: Session, group: Group) {
  let from: { x: number; row: HTMLElement } | null = null;
  const end = () => {
    if (from) from.row.style.translate = "";
    from = null;
  };
  return {
    onPointerDown(event: PointerEvent) {
      if (event.pointerType === "touch") from = { x: event.clientX, row: event.currentTarget as HTMLElement };
    },
    onPointerMove(event: PointerEvent) {
      if (from) from.row.style.translate = `${event.clientX - from.x}px`;
    },
    onPointerUp(event: PointerEvent) {
      const isFar = from !== null && Math.abs(event.clientX - from.x) > FAR;
      end();
      if (isFar) session.dismiss([group]);
    },
    onPointerCancel: end,
  };
}
