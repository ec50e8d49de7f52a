/** HTML that the gateway has cleaned: its scalar HTML, and nothing else, may come in here. */
import { useLayoutEffect, useRef } from "preact/hooks";

type Policy = { createHTML(markup: string): string };
type Factory = { createPolicy(name: string, rules: Policy): Policy };

/** https://www.w3.org/TR/trusted-types/: the page's policy lets no other code set markup. */
const { trustedTypes } = globalThis as { trustedTypes?: Factory };
const policy: Policy = trustedTypes?.createPolicy("tidings", { createHTML: (markup) => markup }) ?? {
  createHTML: (markup) => markup,
};

export function Html({ markup }: { markup: string }) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    current.innerHTML = policy.createHTML(markup);
    for (const link of current.querySelectorAll("a")) {
      link.target = "_blank";
      link.rel = "nofollow noopener noreferrer";
    }
  }, [markup]);
  return <div class="html" dir="auto" ref={element} />;
}
