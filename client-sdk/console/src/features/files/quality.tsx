import type { Quality } from "@ymera/client";
import { Popover } from "radix-ui";
import { useState } from "react";

import { percentOf } from "#/ui/amounts";
import { Chip } from "#/ui/chip";
import { SURFACE } from "#/ui/menu";
import { Meter } from "#/ui/meter";
import { Skeleton } from "#/ui/states";

import { qualityTone } from "./names";
import { useFile } from "./use-files";

const METER_TONES = { good: "accent", warn: "warn", danger: "danger" } as const;

/** A file's score, and on request what it is made of. */
export function QualityChip({
  fileId,
  number,
  score,
}: {
  fileId: string;
  number: number;
  score: number | null;
}) {
  const [open, setOpen] = useState(false);
  if (score === null) return null;
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger aria-label={`Quality ${score} of 100: why`} className="rounded-md bg-panel">
        <Chip tone={qualityTone(score)}>
          <span className="tabular">{score}</span>
        </Chip>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label="Quality"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className={`${SURFACE} w-80 p-4!`}
        >
          {open && <Why fileId={fileId} number={number} />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Why({ fileId, number }: { fileId: string; number: number }) {
  const details = useFile(fileId, number);
  const quality = details.data?.description?.quality;
  if (!quality) return <Skeleton className="h-24" />;
  return <QualityParts quality={quality} />;
}

/** What a score is made of, part by part, with the reasons. */
export function QualityParts({ quality }: { quality: Quality }) {
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm font-medium">
        Quality <span className="tabular">{quality.score}</span> of 100
      </p>
      <ul className="flex flex-col gap-3">
        {quality.parts.map((part) => (
          <li key={part.name}>
            <p className="mb-1 flex items-baseline justify-between gap-2 text-xs">
              <span className="font-medium first-letter:uppercase">{part.name.replaceAll("_", " ")}</span>
              <span className="text-ink-3 tabular">
                {part.score}, {percentOf(part.weight)} of it
              </span>
            </p>
            <QualityMeter label={part.name} score={part.score} />
            <p className="mt-1 text-xs text-ink-2">{part.reason}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A score between the worst and the best. */
export function QualityMeter({ label, score }: { label: string; score: number }) {
  return (
    <Meter
      label={label}
      share={score / 100}
      words={`${Math.round(score)} of 100`}
      tone={METER_TONES[qualityTone(score)]}
    />
  );
}
