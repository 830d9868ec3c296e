import type { AgentInsight } from "@ymera/client";
import { useMemo, useState } from "react";

import { useDirectory } from "#/app/client";
import { messageOf } from "#/app/errors";
import { countOf, durationOf, moneyOf, percentOf } from "#/ui/amounts";
import { Button } from "#/ui/button";
import { BarChart } from "#/ui/chart";
import { agoOf } from "#/ui/dates";
import { Select } from "#/ui/field";
import { Panel } from "#/ui/panel";
import { Skeleton } from "#/ui/states";

import { AgentLink } from "./agent-link";
import { Deliverables } from "./deliverables";
import { byDay, type DayFigures, qualityOf, successOf, totalsOf } from "./insight";
import { useInsight } from "./use-agents";

const RANGES = [7, 30, 90] as const;

/** How an agent has done: charts by day, the same as a table, and whom it worked with. */
export function InsightPanel({ agentId }: { agentId: string }) {
  const [days, setDays] = useState<number>(30);
  const [capability, setCapability] = useState<string | null>(null);
  const [asTable, setAsTable] = useState(false);
  const insight = useInsight(agentId, days);
  const names = useMemo(
    () => [...new Set(insight.data?.days.map((each) => each.capability) ?? [])].sort(),
    [insight.data],
  );
  return (
    <Panel
      title="How it has done"
      note="Runs of projects that you may see, by the day on which they ended, UTC."
      action={
        <div className="flex flex-wrap justify-end gap-1.5">
          {names.length > 1 && (
            <Select
              aria-label="Capability"
              className="h-7! w-auto! text-xs!"
              value={capability ?? ""}
              onChange={({ target }) => setCapability(target.value || null)}
            >
              <option value="">Every capability</option>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )}
          <Select
            aria-label="Time"
            className="h-7! w-auto! text-xs!"
            value={days}
            onChange={({ target }) => setDays(Number(target.value))}
          >
            {RANGES.map((range) => (
              <option key={range} value={range}>
                {range} days
              </option>
            ))}
          </Select>
          <Button size="sm" onClick={() => setAsTable(!asTable)}>
            {asTable ? "Show as charts" : "Show as a table"}
          </Button>
        </div>
      }
    >
      {insight.isPending && <Skeleton className="h-32" />}
      {insight.isError && <p className="text-danger">{messageOf(insight.error)}</p>}
      {insight.data && (
        <Figures insight={insight.data} days={days} capability={capability} asTable={asTable} />
      )}
    </Panel>
  );
}

interface FiguresProps {
  insight: AgentInsight;
  days: number;
  capability: string | null;
  asTable: boolean;
}

function Figures({ insight, days, capability, asTable }: FiguresProps) {
  const figures = useMemo(
    () => byDay(insight.days, days, new Date(), capability),
    [insight.days, days, capability],
  );
  const chosen = useMemo(
    () => insight.days.filter((each) => capability === null || each.capability === capability),
    [insight.days, capability],
  );
  const totals = totalsOf(chosen);
  return (
    <>
      {totals.runs === 0 ? (
        <p className="text-ink-3">No runs have ended in this time.</p>
      ) : asTable ? (
        <FigureTable figures={figures.filter(({ runs }) => runs > 0)} />
      ) : (
        <Charts figures={figures} totals={totals} />
      )}
      {totals.runs > 0 && <Deliverables insights={chosen} days={figures} />}
      <Collaborations insight={insight} />
    </>
  );
}

function Charts({ figures, totals }: { figures: readonly DayFigures[]; totals: DayFigures }) {
  const days = figures.map(({ day }) => day);
  const rate = successOf(totals);
  const of = (read: (day: DayFigures) => number) => figures.map(read);
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <BarChart
        title="Runs"
        total={countOf(totals.runs)}
        days={days}
        series={[
          { name: "Completed", fill: "fill-good", values: of(({ completed }) => completed) },
          { name: "Failed", fill: "fill-danger", values: of(({ failed }) => failed) },
          { name: "Stopped", fill: "fill-ink-3", values: of(({ canceled }) => canceled) },
        ]}
        format={countOf}
      />
      <BarChart
        title="Success"
        total={rate === null ? "–" : percentOf(rate)}
        days={days}
        series={[{ name: "Success", fill: "fill-good", values: figures.map(successOf) }]}
        format={percentOf}
        top={1}
      />
      <BarChart
        title="Duration, 95th percentile"
        total={durationOf(totals.p95)}
        days={days}
        series={[{ name: "95th percentile", fill: "fill-accent-solid", values: of(({ p95 }) => p95) }]}
        format={durationOf}
      />
      <BarChart
        title="Cost"
        total={moneyOf(totals.money)}
        days={days}
        series={[{ name: "Cost", fill: "fill-accent-solid", values: of(({ money }) => money) }]}
        format={moneyOf}
      />
    </div>
  );
}

const HEADINGS = [
  "Day",
  "Completed",
  "Failed",
  "Stopped",
  "Success",
  "p95",
  "Retries",
  "Questions",
  "Tokens",
  "Cost",
  "Files",
  "Quality",
];

function FigureTable({ figures }: { figures: readonly DayFigures[] }) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-right text-xs tabular">
        <caption className="sr-only">Runs by day</caption>
        <thead className="text-ink-3">
          <tr>
            {HEADINGS.map((heading) => (
              <th key={heading} scope="col" className="px-2 py-1 font-medium first:text-left">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figures.map((day) => (
            <FigureRow key={day.day} day={day} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FigureRow({ day }: { day: DayFigures }) {
  const rate = successOf(day);
  const quality = qualityOf(day);
  const cells = [
    countOf(day.completed),
    countOf(day.failed),
    countOf(day.canceled),
    rate === null ? "–" : percentOf(rate),
    durationOf(day.p95),
    countOf(day.retries),
    countOf(day.questions),
    countOf(day.tokens),
    moneyOf(day.money),
    countOf(day.files),
    quality === null ? "–" : Math.round(quality),
  ];
  return (
    <tr className="border-t">
      <th scope="row" className="px-2 py-1 text-left font-normal">
        {day.day}
      </th>
      {cells.map((cell, index) => (
        <td key={index} className="px-2 py-1">
          {cell}
        </td>
      ))}
    </tr>
  );
}

function Collaborations({ insight }: { insight: AgentInsight }) {
  const { nameOf } = useDirectory();
  if (insight.collaborations.length === 0) return null;
  return (
    <div className="mt-4 border-t pt-4">
      <h3 className="mb-2 text-xs font-medium text-ink-2">Works with</h3>
      <ul className="flex flex-col gap-1.5">
        {insight.collaborations.map((each) => (
          <li key={`${each.from_agent} ${each.to_agent} ${each.kind}`}>
            <AgentLink id={each.from_agent} name={nameOf(each.from_agent)} />{" "}
            {each.kind === "call" ? "called" : "handed over to"}{" "}
            <AgentLink id={each.to_agent} name={nameOf(each.to_agent)} />{" "}
            <span className="text-ink-3">
              {each.count} {each.count === 1 ? "time" : "times"}, {each.completed} completed, last{" "}
              {agoOf(each.last_at)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
