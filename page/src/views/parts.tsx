/** Small parts that several views are made of. */
import { Component, type ComponentChildren, type ComponentType, type JSX } from "preact";

import type { FaceFragment, NotificationType } from "../generated";
import { type Drawn, kindOf, pathOf } from "./kinds";
import { ageOf, inFull } from "./times";

/** Whether the operator lets the page load pictures from instances. */
const HAS_IMAGES = document.querySelector<HTMLMetaElement>("meta[name=tidings-images]")?.content === "on";

/** A component that is drawn anew only where one of its properties is another. */
export function pure<Props extends object>(View: (props: Props) => JSX.Element): ComponentType<Props> {
  return class extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const names = Object.keys(next) as (keyof Props)[];
      return names.some((name) => next[name] !== this.props[name]);
    }
    override render() {
      return View(this.props as Props);
    }
  };
}

export function Sign({ drawn }: { drawn: Drawn }) {
  return (
    <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
      <path d={pathOf(drawn)} />
    </svg>
  );
}

export function Kind({ type }: { type: NotificationType }) {
  const { name, path } = kindOf(type);
  return (
    <svg class={`kind kind-${type.toLowerCase()}`} viewBox="0 0 16 16" role="img" aria-label={name}>
      <title>{name}</title>
      <path d={path} />
    </svg>
  );
}

/** People as pictures, or by their initials; a screen reader has their names in the line beside. */
export function Faces({ people }: { people: readonly FaceFragment[] }) {
  return (
    <span class="faces" aria-hidden="true">
      {people.map((each) => (
        <span class={`face hue-${hueOf(each.handle)}`} key={each.id}>
          {HAS_IMAGES && each.avatarUrl ? <img src={each.avatarUrl} alt="" loading="lazy" width="28" height="28" /> : initialsOf(each)}
        </span>
      ))}
    </span>
  );
}

function initialsOf({ displayName, handle }: FaceFragment): string {
  const words = displayName.match(/[\p{L}\p{N}]+/gu) ?? handle.match(/[\p{L}\p{N}]+/gu) ?? ["?"];
  return words.slice(0, 2).map((word) => [...word][0]).join("").toLocaleUpperCase();
}

function hueOf(handle: string): number {
  return [...handle].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 6, 7);
}

export function Age({ instant, now }: { instant: string; now: number }) {
  return (
    <time dateTime={instant} title={inFull(instant)}>
      {ageOf(instant, now)}
    </time>
  );
}

export function Away({ href, children, ...rest }: { href: string; children: ComponentChildren; class?: string; "aria-label"?: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" {...rest}>
      {children}
    </a>
  );
}

export function Hidden({ children }: { children: ComponentChildren }) {
  return <span class="hidden">{children}</span>;
}

export { HAS_IMAGES };
