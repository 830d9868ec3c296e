import type { Insight } from "@ymera/client";

import { QualityMeter } from "#/features/files/quality";
import { countOf } from "#/ui/amounts";
import { BarChart } from "#/ui/chart";

import { byCapability, type DayFigures, qualityOf, totalsOf } from "./insight";

interface DeliverablesProps {
  /** Of the time and capability that are looked at. */
  insights: readonly Insight[];
  days: readonly DayFigures[];
}

/** How good the files are that an agent's runs made: by day, and for each capability. */
export function Deliverables({ insights, days }: DeliverablesProps) {
  const totals = totalsOf(insights);
  const mean = qualityOf(totals);
  return (
    <section aria-label="Files" className="mt-4 border-t pt-4">
      <h3 className="mb-1 text-xs font-medium text-ink-2">Files that it made</h3>
      <p className="text-xs text-ink-3">{summaryOf(totals)}</p>
      {mean !== null && (
        <div className="mt-3 grid gap-3 sm:grid-cols-2">
          <BarChart
            title="Quality, of 100"
            total={pointsOf(mean)}
            days={days.map(({ day }) => day)}
            series={[{ name: "Mean score", fill: "fill-accent-solid", values: days.map(qualityOf) }]}
            format={pointsOf}
            top={100}
          />
          <ul
            aria-label="Quality by capability"
            className="flex flex-col gap-3 rounded-lg border bg-panel p-3"
          >
            {byCapability(insights).map(([name, figures]) => (
              <Capability key={name} name={name} figures={figures} />
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function Capability({ name, figures }: { name: string; figures: DayFigures }) {
  const score = qualityOf(figures);
  if (figures.files === 0) return null;
  return (
    <li>
      <p className="mb-1 flex items-baseline justify-between gap-2 text-xs">
        <span className="truncate font-mono">{name}</span>
        <span className="shrink-0 text-ink-3 tabular">
          {score === null ? "no score" : `${pointsOf(score)}, of ${filesOf(figures.scored)}`}
        </span>
      </p>
      {score !== null && <QualityMeter label={`Quality of what ${name} makes`} score={score} />}
    </li>
  );
}

const MEANING = "The score says how well a file is made, not whether it is right.";

function summaryOf({ files, scored }: DayFigures): string {
  if (files === 0) return "Its runs made none in this time.";
  const made = `Its runs made ${filesOf(files)}.`;
  if (scored === 0)
    return `${made} None of them has a score: it comes once they are read, and not for every kind.`;
  if (scored === files) return `${made} ${MEANING}`;
  return `${made} ${countOf(scored)} of them ${scored === 1 ? "has" : "have"} a score. ${MEANING}`;
}

function filesOf(count: number): string {
  return count === 1 ? "1 file" : `${countOf(count)} files`;
}

function pointsOf(score: number): string {
  return String(Math.round(score));
}
