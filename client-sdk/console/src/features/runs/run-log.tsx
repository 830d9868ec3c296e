import type { LogLevel } from "@ymera/client";
import { useState } from "react";

import { momentOf, preciseTimeOf } from "#/ui/dates";
import { Button } from "#/ui/button";
import { Section } from "#/ui/section";

import type { LogLine } from "./scene";

const SHOWN = 200;

const TINTS: Readonly<Record<LogLevel, string>> = {
  debug: "text-ink-3",
  info: "text-ink-2",
  warning: "text-warn",
  error: "text-danger",
};

/** The run's own log lines, oldest first; of many, the newest. */
export function RunLog({ lines }: { lines: readonly LogLine[] }) {
  const [all, setAll] = useState(false);
  if (lines.length === 0) return null;
  const shown = all ? lines : lines.slice(-SHOWN);
  return (
    <Section
      title="Log"
      note={`${lines.length} ${lines.length === 1 ? "line" : "lines"}`}
      action={
        shown.length < lines.length && (
          <Button size="sm" look="ghost" onClick={() => setAll(true)}>
            Show all
          </Button>
        )
      }
    >
      <ol
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
        tabIndex={0}
        aria-label="Log lines"
        className="max-h-72 overflow-auto rounded-lg border px-3 py-2 font-mono text-xs"
      >
        {shown.map((line) => (
          <li key={line.seq} className="flex gap-3 py-0.5">
            <time dateTime={line.at} title={momentOf(line.at)} className="shrink-0 text-ink-3 tabular">
              {preciseTimeOf(line.at)}
            </time>
            <span className={`w-14 shrink-0 ${TINTS[line.level]}`}>{line.level}</span>
            <span className="min-w-0 break-words whitespace-pre-wrap">
              {line.message}
              {line.data && <span className="text-ink-3"> {JSON.stringify(line.data)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
