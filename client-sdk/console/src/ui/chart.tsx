/** Bars by day: drawn for the eye, said in a sentence for assistive technology. */

import { useId } from "react";

export interface Series {
  name: string;
  /** A Tailwind fill class. */
  fill: string;
  /** One a day; null: there is none to show. */
  values: readonly (number | null)[];
}

interface BarChartProps {
  title: string;
  /** The figure for the whole time, beside the title. */
  total: string;
  days: readonly string[];
  /** Stacked, the first one at the bottom. */
  series: readonly Series[];
  format: (value: number) => string;
  /** What the axis goes up to; the greatest bar if left out. */
  top?: number;
}

const HEIGHT = 64;
const STEP = 10;
const BAR = 7;

/** Bars by day. Every value is also in a table beside it: this has the role of a picture. */
export function BarChart({ title, total, days, series, format, top }: BarChartProps) {
  const id = useId();
  const sums = days.map((_, day) => series.reduce((sum, { values }) => sum + (values[day] ?? 0), 0));
  const most = top ?? Math.max(...sums, 0);
  const scale = most > 0 ? HEIGHT / most : 0;
  const said = (value: number | null | undefined) => (value == null ? "–" : format(value));
  return (
    <figure className="min-w-0 rounded-lg border bg-panel p-3">
      <figcaption id={id} className="flex items-baseline justify-between gap-2">
        <span className="text-xs text-ink-2">{title}</span>
        <span className="text-base font-semibold tabular">{total}</span>
      </figcaption>
      <svg
        role="img"
        aria-label={`${title}, ${total}. ${peakOf(days, sums, format)}`}
        viewBox={`0 0 ${Math.max(days.length, 1) * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="mt-2 block h-16 w-full"
      >
        <line x1="0" x2="100%" y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className="stroke-line" />
        {days.map((day, index) => (
          <Column key={day} index={index} series={series} scale={scale}>
            {`${day}: ${series.map(({ name, values }) => `${name} ${said(values[index])}`).join(", ")}`}
          </Column>
        ))}
      </svg>
      {series.length > 1 && <Legend series={series} />}
    </figure>
  );
}

interface ColumnProps {
  index: number;
  series: readonly Series[];
  scale: number;
  children: string;
}

function Column({ index, series, scale, children }: ColumnProps) {
  const heights = series.map(({ values }) => (values[index] ?? 0) * scale);
  return (
    <g>
      <title>{children}</title>
      <rect x={index * STEP} width={STEP} height={HEIGHT} className="fill-transparent hover:fill-hover" />
      {series.map(({ name, fill }, at) => (
        <rect
          key={name}
          x={index * STEP + (STEP - BAR) / 2}
          y={HEIGHT - heights.slice(0, at + 1).reduce((sum, height) => sum + height, 0)}
          width={BAR}
          height={heights[at]}
          className={fill}
        />
      ))}
    </g>
  );
}

function Legend({ series }: { series: readonly Series[] }) {
  return (
    <p className="mt-2 flex flex-wrap gap-3 text-2xs text-ink-3" aria-hidden>
      {series.map(({ name, fill }) => (
        <span key={name} className="inline-flex items-center gap-1.5">
          <svg viewBox="0 0 8 8" className="size-2">
            <rect width="8" height="8" rx="2" className={fill} />
          </svg>
          {name}
        </span>
      ))}
    </p>
  );
}

function peakOf(days: readonly string[], sums: readonly number[], format: (value: number) => string): string {
  const peak = Math.max(...sums, 0);
  if (peak === 0) return "Nothing in this time.";
  return `Most on ${days[sums.indexOf(peak)] ?? ""}: ${format(peak)}.`;
}
