/** What a post says: behind its warning, without what its author or the user's filters hide. */
import { useState } from "preact/hooks";

import type { PostFragment } from "../generated";
import { Html } from "./Html";
import { Away, Faces, HAS_IMAGES } from "./parts";

export function Post({ post }: { post: PostFragment }) {
  const filters = post.matchedFilters.filter((each) => each.action !== "BLUR").map((each) => each.title);
  const warning = filters.length ? `Filtered: ${filters.join(", ")}` : post.spoilerText;
  return (
    <article class="post">
      <p class="author">
        <Faces people={[post.account]} /> <bdi>{post.account.displayName}</bdi>{" "}
        <span class="handle">{post.account.handle}</span>
      </p>
      {warning ? (
        <details class="warning">
          <summary dir="auto">{warning}</summary>
          <Content post={post} />
        </details>
      ) : (
        <Content post={post} />
      )}
    </article>
  );
}

function Content({ post }: { post: PostFragment }) {
  return (
    <>
      {post.content && <Html markup={post.content} />}
      {post.mediaAttachments.length > 0 && <Media post={post} />}
    </>
  );
}

function Media({ post }: { post: PostFragment }) {
  const blurred = post.matchedFilters.find((each) => each.action === "BLUR");
  const [isShown, show] = useState(!post.isSensitive && !blurred);
  if (!isShown) {
    const count = post.mediaAttachments.length;
    return (
      <button class="button" onClick={() => show(true)}>
        Show {count === 1 ? "attachment" : `${count} attachments`}
        {blurred ? ` (filtered: ${blurred.title})` : " (sensitive)"}
      </button>
    );
  }
  return (
    <ul class="media">
      {post.mediaAttachments.map((each) => (
        <li key={each.databaseId} dir="auto">
          {HAS_IMAGES && each.previewUrl && <img src={each.previewUrl} alt={each.description ?? ""} loading="lazy" />}
          {each.url ? <Away href={each.url}>{nameOf(each)}</Away> : nameOf(each)}
        </li>
      ))}
    </ul>
  );
}

const FILES = { IMAGE: "Image", GIFV: "Animation", VIDEO: "Video", AUDIO: "Audio", UNKNOWN: "File" };

function nameOf({ type, description }: PostFragment["mediaAttachments"][number]): string {
  return description ? `${FILES[type]}: ${description}` : `${FILES[type]} (no description)`;
}
