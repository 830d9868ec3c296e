import {
  Check,
  CircleHelp,
  CirclePlay,
  Hourglass,
  MessageSquareReply,
  OctagonX,
  Paperclip,
  PenLine,
  TriangleAlert,
} from "lucide-react";

import { countOf } from "#/ui/amounts";
import { momentOf, preciseTimeOf } from "#/ui/dates";
import { Skeleton } from "#/ui/states";
import { Section } from "#/ui/section";
import type { ProjectView } from "#/features/tasks/use-project";

import type { Step, StepKind } from "./steps";

const ICONS: Readonly<Record<StepKind, typeof Check>> = {
  begin: CirclePlay,
  work: PenLine,
  ask: CircleHelp,
  answer: MessageSquareReply,
  attach: Paperclip,
  wait: Hourglass,
  fault: TriangleAlert,
  stop: OctagonX,
  end: Check,
};

const TINTS: Readonly<Partial<Record<StepKind, string>>> = {
  ask: "text-warn",
  fault: "text-danger",
  stop: "text-danger",
  end: "text-good",
};

/** What happened, oldest first. */
export function Timeline({
  steps,
  view,
  loading,
}: {
  steps: readonly Step[];
  view: ProjectView;
  loading: boolean;
}) {
  return (
    <Section title="Timeline">
      {steps.length === 0 && loading && <Skeleton className="h-12" />}
      {steps.length === 0 && !loading && <p className="text-ink-3">Nothing has happened yet.</p>}
      <ol className="flex flex-col gap-2.5">
        {steps.map((step) => (
          <StepRow key={step.seq} step={step} name={view.nameOf(step.who)} />
        ))}
      </ol>
    </Section>
  );
}

function StepRow({ step, name }: { step: Step; name: string }) {
  const Icon = ICONS[step.kind];
  return (
    <li className="flex gap-2.5">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${TINTS[step.kind] ?? "text-ink-3"}`} />
      <div className="min-w-0 flex-1">
        <p className="break-words">
          <span className="font-medium">{name}</span> <span className="text-ink-2">{step.says}</span>
          {step.written > 0 && (
            <span className="text-ink-3">, {countOf(step.written)} characters of output</span>
          )}
        </p>
        {step.detail && <p className="mt-0.5 line-clamp-6 text-xs break-words text-ink-2">{step.detail}</p>}
      </div>
      <time dateTime={step.at} title={momentOf(step.at)} className="shrink-0 text-2xs text-ink-3 tabular">
        {preciseTimeOf(step.at)}
      </time>
    </li>
  );
}
