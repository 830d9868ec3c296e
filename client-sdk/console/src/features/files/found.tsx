import type { ContentKind, FileHit, FileInfo } from "@ymera/client";

import { messageOf } from "#/app/errors";
import { SkeletonRows } from "#/ui/states";

import { Thumbnail } from "./kind-icon";
import { marksOf } from "./names";
import { useFileSearch } from "./use-files";

interface FoundInTextProps {
  room: string;
  query: string;
  kind: ContentKind | undefined;
  onOpen: (file: FileInfo) => void;
}

/** Files that say what is looked for, best first, with the place. */
export function FoundInText({ room, query, kind, onOpen }: FoundInTextProps) {
  const search = useFileSearch(query, room, kind);
  return (
    <section aria-label="Found in texts" className="mt-2">
      <h2 className="border-b px-4 py-2 text-xs font-medium text-ink-3">In what files say</h2>
      {search.isPending ? (
        <SkeletonRows rows={3} />
      ) : search.isError ? (
        <p role="alert" className="px-4 py-3 text-sm text-danger">
          {messageOf(search.error)}
        </p>
      ) : search.data.length === 0 ? (
        <p className="px-4 py-3 text-sm text-ink-3">No file says “{query}”.</p>
      ) : (
        <ul>
          {search.data.map((hit) => (
            <Hit key={hit.file.id} hit={hit} onOpen={onOpen} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Hit({ hit: { file, page, snippet }, onOpen }: { hit: FileHit; onOpen: (file: FileInfo) => void }) {
  return (
    <li className="flex gap-2.5 border-b px-4 py-2.5 hover:bg-hover">
      <Thumbnail file={file} />
      <div className="min-w-0">
        <p className="flex min-w-0 items-baseline gap-2">
          <button
            type="button"
            onClick={() => onOpen(file)}
            className="truncate rounded-sm font-medium hover:underline"
          >
            {file.name}
          </button>
          <span className="shrink-0 text-2xs text-ink-3">
            {[file.folder, page > 1 && `page ${page}`].filter(Boolean).join(", ")}
          </span>
        </p>
        <p className="text-xs break-words text-ink-2">
          <Marked text={snippet} />
        </p>
      </div>
    </li>
  );
}

/** A snippet, with what was found in it set off. */
export function Marked({ text }: { text: string }) {
  return marksOf(text).map((part, index) =>
    part.marked ? (
      <mark key={index} className="rounded-sm bg-warn-soft px-0.5 font-medium text-ink">
        {part.text}
      </mark>
    ) : (
      <span key={index}>{part.text}</span>
    ),
  );
}
