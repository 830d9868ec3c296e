import type { FileDetails, FileText } from "@ymera/client";
import { isYmeraError } from "@ymera/client";
import { ChevronLeft, ChevronRight, FileQuestionMark, ShieldAlert } from "lucide-react";
import Papa from "papaparse";
import { useState } from "react";

import { messageOf } from "#/app/errors";
import { IconButton } from "#/ui/button";
import { Empty, Skeleton } from "#/ui/states";
import { Segments } from "#/ui/tabs";

import { MAX_PICTURE, PICTURES } from "./names";
import { useFileText, useMediaLink } from "./use-files";
import { usePreview } from "./use-preview";

const MAX_ROWS = 500;
const MAX_COLUMNS = 50;

/** What is in a file, as far as it can be shown here. */
export function FilePreview({ details }: { details: FileDetails }) {
  const { version, description } = details;
  if (version.held)
    return (
      <Empty icon={ShieldAlert} title="This file is held">
        Nobody can download it: {version.held}
      </Empty>
    );
  switch (version.kind) {
    case "image":
      return <Picture details={details} />;
    case "audio":
    case "video":
      return <Media details={details} />;
    default:
      if (version.analysis === "pending") return <BeingRead />;
      return description && (description.pages || description.previews.length > 0) ? (
        <Pages key={description.pages} details={details} />
      ) : (
        <Nothing details={details} />
      );
  }
}

function BeingRead() {
  return (
    <div role="status">
      <Skeleton className="h-64" />
      <p className="mt-2 text-center text-xs text-ink-3">Its content is being read.</p>
    </div>
  );
}

function Nothing({ details: { description } }: { details: FileDetails }) {
  return (
    <Empty icon={FileQuestionMark} title="There is no preview">
      {description?.error || "Download it to look at it."}
    </Empty>
  );
}

const FRAME = "mx-auto block max-h-[70vh] max-w-full rounded-lg bg-sunken object-contain ring-1 ring-line";

function Picture({ details }: { details: FileDetails }) {
  const { file, version } = details;
  const whole = PICTURES.has(version.media_type) && version.bytes <= MAX_PICTURE;
  const link = useMediaLink(file.id, version.number, whole);
  const names = details.description?.previews.map(({ name }) => name) ?? [];
  const preview = usePreview(file.id, version.number, whole ? null : (names[0] ?? null));
  const url = whole ? link.data?.url : preview;
  if (whole && link.isError) return <p className="text-danger">{messageOf(link.error)}</p>;
  if (!whole && names.length === 0)
    return version.analysis === "pending" ? <BeingRead /> : <Nothing details={details} />;
  return url ? (
    <img src={url} alt={`Content of ${file.name}`} className={FRAME} />
  ) : (
    <Skeleton className="h-64" />
  );
}

function Media({ details: { file, version } }: { details: FileDetails }) {
  const link = useMediaLink(file.id, version.number, true);
  if (link.isError) return <p className="text-danger">{messageOf(link.error)}</p>;
  if (!link.data) return <Skeleton className="h-16" />;
  return version.kind === "audio" ? (
    // eslint-disable-next-line jsx-a11y/media-has-caption -- people's files come without captions
    <audio controls preload="metadata" src={link.data.url} aria-label={file.name} className="w-full" />
  ) : (
    // eslint-disable-next-line jsx-a11y/media-has-caption -- people's files come without captions
    <video controls preload="metadata" src={link.data.url} aria-label={file.name} className={FRAME} />
  );
}

/** Pages one at a time: as pictures where there are some, and as text. */
export function Pages({ details }: { details: FileDetails }) {
  const { description } = details;
  const drawn = new Map(
    description?.previews.flatMap(({ name }) => {
      const page = /^page-(\d+)$/.exec(name)?.[1];
      return page === undefined ? [] : [[Number(page), name] as const];
    }),
  );
  const read = description?.pages ?? 0;
  const [as, setAs] = useState<"picture" | "text">(drawn.size > 0 ? "picture" : "text");
  const [page, setPage] = useState(1);
  const pages = as === "picture" ? Math.max(0, ...drawn.keys()) : read;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex min-h-7 items-center gap-2 empty:hidden">
        {drawn.size > 0 && read > 0 && (
          <Segments<"picture" | "text">
            label="Show as"
            value={as}
            onChange={(next) => {
              setAs(next);
              setPage((now) => Math.min(now, next === "text" ? read : Math.max(...drawn.keys())));
            }}
            choices={[
              { value: "picture", label: "Pages" },
              { value: "text", label: "Text" },
            ]}
          />
        )}
        {pages > 1 && <Pager page={page} pages={pages} onPage={setPage} />}
      </div>
      {as === "picture" ? (
        <PagePicture details={details} page={page} name={drawn.get(page) ?? null} />
      ) : (
        <PageText details={details} page={page} />
      )}
    </div>
  );
}

function Pager({ page, pages, onPage }: { page: number; pages: number; onPage: (page: number) => void }) {
  return (
    <span className="ml-auto flex items-center text-xs text-ink-2 tabular">
      <IconButton label="Page before" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        <ChevronLeft />
      </IconButton>
      <span role="status">
        Page {page} of {pages}
      </span>
      <IconButton label="Next page" disabled={page >= pages} onClick={() => onPage(page + 1)}>
        <ChevronRight />
      </IconButton>
    </span>
  );
}

function PagePicture({ details, page, name }: { details: FileDetails; page: number; name: string | null }) {
  const { file, version } = details;
  const url = usePreview(file.id, version.number, name);
  if (name === null) return <p className="py-8 text-center text-sm text-ink-3">This page was not drawn.</p>;
  return url ? (
    <img src={url} alt={`Page ${page} of ${file.name}`} className={FRAME} />
  ) : (
    <Skeleton className="h-96" />
  );
}

function PageText({ details, page }: { details: FileDetails; page: number }) {
  const { file, version, description } = details;
  const text = useFileText(file.id, version.number, page);
  if (text.isError)
    return isYmeraError(text.error, "not_found") ? (
      <Nothing details={details} />
    ) : (
      <p className="text-danger">{messageOf(text.error)}</p>
    );
  if (!text.data) return <Skeleton className="h-64" />;
  if (version.kind === "table") return <Table file={file.name} text={text.data} details={details} />;
  const numbered = version.kind === "code" || version.kind === "text";
  return (
    <Lines
      label={`Text of ${file.name}`}
      text={text.data.text}
      numbered={numbered}
      lang={description?.language}
    />
  );
}

interface LinesProps {
  label: string;
  text: string;
  numbered: boolean;
  lang: string | null | undefined;
}

/** A text, with the numbers of its lines where one speaks of lines. */
function Lines({ label, text, numbered, lang }: LinesProps) {
  const count = text.split("\n").length;
  return (
    <div
      role="group"
      aria-label={label}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
      tabIndex={0}
      className="flex max-h-[70vh] overflow-auto rounded-lg border bg-sunken py-2 text-xs select-text"
    >
      {numbered && (
        <pre
          aria-hidden
          className="sticky left-0 shrink-0 border-r bg-sunken px-2.5 text-right font-mono text-ink-3 select-none"
        >
          {Array.from({ length: count }, (_, line) => line + 1).join("\n")}
        </pre>
      )}
      <pre
        {...(lang ? { lang } : {})}
        className={
          numbered ? "px-3 font-mono" : "px-3 font-sans leading-relaxed break-words whitespace-pre-wrap"
        }
      >
        {text}
      </pre>
    </div>
  );
}

/** A table's first rows and columns. */
function Table({ file, text, details }: { file: string; text: FileText; details: FileDetails }) {
  const { delimiter, rows: all } = details.description?.metadata ?? {};
  // A sheet's text has its name in the first line, and tabs between its cells.
  const sheet = !details.version.media_type.startsWith("text/");
  const body = sheet ? text.text.slice(text.text.indexOf("\n") + 1) : text.text;
  const { data } = Papa.parse<string[]>(body, {
    // Empty, it is found out.
    delimiter: sheet ? "\t" : typeof delimiter === "string" ? delimiter : "",
    preview: MAX_ROWS + 1,
    skipEmptyLines: true,
    ...(sheet && { quoteChar: "\u0000" }),
  });
  const rows = data.slice(0, MAX_ROWS).map((row) => row.slice(0, MAX_COLUMNS));
  const [head = [], ...rest] = rows;
  const cut = data.length > MAX_ROWS || text.pages > 1 || data.some((row) => row.length > MAX_COLUMNS);
  return (
    <div>
      {sheet && <p className="mb-1.5 text-xs font-medium">{text.text.split("\n", 1)[0]}</p>}
      <div
        role="group"
        aria-label={`Table of ${file}`}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
        tabIndex={0}
        className="max-h-[70vh] overflow-auto rounded-lg border"
      >
        <table className="w-full border-collapse text-left text-xs select-text">
          <thead className="sticky top-0 bg-sunken">
            <tr>
              {head.map((cell, column) => (
                <th
                  key={column}
                  scope="col"
                  className="border-r border-b px-2 py-1.5 font-semibold last:border-r-0"
                >
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rest.map((row, index) => (
              <tr key={index} className="border-b last:border-b-0 hover:bg-hover">
                {row.map((cell, column) => (
                  <td
                    key={column}
                    className="max-w-80 truncate border-r px-2 py-1 last:border-r-0"
                    title={cell}
                  >
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {cut && (
        <p className="mt-1.5 text-xs text-ink-3">
          The first rows{typeof all === "number" && ` of ${all}`}. Download the file for all of it.
        </p>
      )}
    </div>
  );
}
