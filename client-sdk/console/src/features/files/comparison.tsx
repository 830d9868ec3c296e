import type { DiffLine, FileComparison, FileVersion } from "@ymera/client";
import clsx from "clsx";

import { messageOf } from "#/app/errors";
import { momentOf } from "#/ui/dates";
import { Dialog, DialogBody } from "#/ui/dialog";
import { SelectField } from "#/ui/form";
import { Skeleton } from "#/ui/states";

import { useComparison } from "./use-files";

type Pair = readonly [before: number, after: number];

interface ComparisonProps {
  fileId: string;
  versions: readonly FileVersion[];
  /** Null: closed. */
  pair: Pair | null;
  onPair: (pair: Pair) => void;
  onClose: () => void;
}

/** How two versions differ. */
export function Comparison({ fileId, versions, pair, onPair, onClose }: ComparisonProps) {
  const choices = versions.map(
    ({ number, label, created_at }) =>
      [String(number), `Version ${number}, ${label || momentOf(created_at)}`] as const,
  );
  return (
    <Dialog open={pair !== null} onOpenChange={onClose} title="Compare versions" wide>
      {pair && (
        <DialogBody>
          <div className="grid gap-3 sm:grid-cols-2">
            <SelectField
              label="From"
              value={String(pair[0])}
              choices={choices}
              onChange={(number) => onPair([Number(number), pair[1]])}
            />
            <SelectField
              label="To"
              value={String(pair[1])}
              choices={choices}
              onChange={(number) => onPair([pair[0], Number(number)])}
            />
          </div>
          <Difference key={pair.join(" ")} fileId={fileId} pair={pair} />
        </DialogBody>
      )}
    </Dialog>
  );
}

function Difference({ fileId, pair: [before, after] }: { fileId: string; pair: Pair }) {
  const comparison = useComparison(fileId, before, after);
  if (comparison.isError) return <p className="text-danger">{messageOf(comparison.error)}</p>;
  if (!comparison.data) return <Skeleton className="h-40" />;
  const { data } = comparison;
  if (data.same) return <p className="py-4 text-center text-ink-2">They are the same, byte by byte.</p>;
  return (
    <>
      <Metadata comparison={data} />
      {!data.text ? (
        <p className="text-sm text-ink-2">Their contents differ; there is no text to compare.</p>
      ) : data.hunks.length === 0 ? (
        <p className="text-sm text-ink-2">Their texts are the same.</p>
      ) : (
        <Lines comparison={data} />
      )}
    </>
  );
}

function Metadata({ comparison: { metadata } }: { comparison: FileComparison }) {
  const changes = Object.entries(metadata);
  if (changes.length === 0) return null;
  return (
    <table className="w-full text-left text-xs">
      <caption className="sr-only">What differs besides the text</caption>
      <thead className="text-ink-3">
        <tr>
          <th scope="col" className="py-1 pr-3 font-medium">
            Besides the text
          </th>
          <th scope="col" className="py-1 pr-3 font-medium">
            Before
          </th>
          <th scope="col" className="py-1 font-medium">
            After
          </th>
        </tr>
      </thead>
      <tbody>
        {changes.map(([name, [before, after]]) => (
          <tr key={name} className="border-t align-top">
            <th scope="row" className="py-1 pr-3 font-normal first-letter:uppercase">
              {name.replaceAll("_", " ")}
            </th>
            <td className="py-1 pr-3 break-all text-ink-2">{shown(before)}</td>
            <td className="py-1 break-all text-ink-2">{shown(after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 200);
}

const SIGNS = {
  same: { sign: " ", words: "", look: "" },
  added: { sign: "+", words: "Added: ", look: "bg-good-soft" },
  removed: { sign: "−", words: "Removed: ", look: "bg-danger-soft" },
};

function Lines({ comparison: { hunks, added, removed, truncated } }: { comparison: FileComparison }) {
  return (
    <div>
      <p className="mb-1.5 text-xs text-ink-2 tabular">
        {added} {added === 1 ? "line" : "lines"} added, {removed} removed
      </p>
      <div
        role="group"
        aria-label="Differences"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
        tabIndex={0}
        className="max-h-[50vh] overflow-auto rounded-lg border"
      >
        <table className="w-full border-collapse font-mono text-xs select-text">
          <caption className="sr-only">Lines that differ, with those around them</caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">Line before</th>
              <th scope="col">Line after</th>
              <th scope="col">Text</th>
            </tr>
          </thead>
          {hunks.map(({ lines }, index) => (
            <tbody key={index} className={clsx(index > 0 && "border-t-4 border-double border-line")}>
              {lines.map((line, at) => (
                <Line key={at} line={line} />
              ))}
            </tbody>
          ))}
        </table>
      </div>
      {truncated && <p className="mt-1.5 text-xs text-ink-3">There is more that differs than is shown.</p>}
    </div>
  );
}

function Line({ line: { sign, before, after, text } }: { line: DiffLine }) {
  const { sign: mark, words, look } = SIGNS[sign];
  const number = "w-10 px-2 text-right align-top text-ink-3 select-none tabular";
  return (
    <tr className={look}>
      <td className={number}>{before}</td>
      <td className={number}>{after}</td>
      <td className="py-px pr-3 break-words whitespace-pre-wrap">
        <span aria-hidden className="inline-block w-4 text-ink-3 select-none">
          {mark}
        </span>
        <span className="sr-only">{words}</span>
        {text}
      </td>
    </tr>
  );
}
