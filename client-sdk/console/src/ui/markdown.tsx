import type { Link, Parent, PhrasingContent, Root } from "mdast";
import { memo } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Turns `@[name](id)`, which Markdown reads as an @ and a link, into a mention. */
function remarkMentions() {
  return (tree: Root) => mark(tree);
}

function mark(parent: Parent): void {
  parent.children.forEach((node, index) => {
    const before = parent.children[index - 1];
    if (node.type === "link" && ID.test(node.url) && before?.type === "text" && before.value.endsWith("@")) {
      before.value = before.value.slice(0, -1);
      asMention(node);
    } else if ("children" in node) {
      mark(node);
    }
  });
}

function asMention(link: Link): void {
  const at: PhrasingContent = { type: "text", value: "@" };
  link.children.unshift(at);
  link.data = { hName: "mark", hProperties: { className: ["mention"], id: link.url } };
}

const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  ),
  mark: ({ children }) => (
    <span className="rounded-sm bg-accent-soft px-0.5 font-medium text-accent">{children}</span>
  ),
  img: ({ alt, src }) =>
    typeof src === "string" && (
      <a href={src} target="_blank" rel="noreferrer noopener">
        {alt || src}
      </a>
    ),
  input: ({ checked }) => (
    <span role="img" aria-label={checked ? "done" : "open"} className="mr-1 text-ink-2">
      {checked ? "☑" : "☐"}
    </span>
  ),
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
};

/** A text in Markdown. Raw HTML stays text, and pictures become links: nothing loads from elsewhere. */
export const Prose = memo(function Prose({ text }: { text: string }) {
  return (
    <div className="prose">
      <Markdown remarkPlugins={[remarkGfm, remarkMentions]} components={COMPONENTS}>
        {text}
      </Markdown>
    </div>
  );
});
