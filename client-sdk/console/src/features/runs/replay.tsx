import type { LoggedEvent } from "@ymera/client";
import { History, Pause, Play, SkipBack, SkipForward, StepBack, StepForward, X } from "lucide-react";
import { useEffect, useState } from "react";

import { Button, IconButton } from "#/ui/button";
import { dayOf, preciseTimeOf } from "#/ui/dates";

import { captionOf } from "./steps";

interface ReplayProps {
  events: readonly LoggedEvent[];
  /** How many events are shown. */
  place: number;
  replayed: boolean;
  /** Null: back to now. */
  onStep: (step: number | null) => void;
  nameOf: (id: string | null | undefined) => string;
}

/** Steps through a run's history; what is above shows how everything stood then. */
export function Replay({ events, place, replayed, onStep, nameOf }: ReplayProps) {
  const [playing, setPlaying] = useState(false);
  const last = events.length;
  usePlay(playing && replayed && place < last, last, () => onStep(place + 1));
  if (last === 0) return null;
  if (!replayed)
    return (
      <footer className="flex shrink-0 justify-end border-t px-4 py-2">
        <Button size="sm" look="ghost" onClick={() => onStep(1)}>
          <History aria-hidden className="size-3.5" /> Replay
        </Button>
      </footer>
    );
  const go = (to: number) => {
    setPlaying(false);
    onStep(Math.min(last, Math.max(1, to)));
  };
  const leave = () => {
    setPlaying(false);
    onStep(null);
  };
  const event = events[place - 1];
  const caption = event ? captionOf(event, nameOf) : "";
  const moving = playing && place < last;
  return (
    <footer aria-label="Replay" className="shrink-0 border-t bg-sunken px-4 py-2">
      <div className="flex flex-wrap items-center gap-1">
        <IconButton label="To the first step" onClick={() => go(1)}>
          <SkipBack />
        </IconButton>
        <IconButton label="One step back" onClick={() => go(place - 1)}>
          <StepBack />
        </IconButton>
        <IconButton
          label={moving ? "Pause" : "Play"}
          onClick={() => {
            if (!moving && place === last) onStep(1);
            setPlaying(!moving);
          }}
        >
          {moving ? <Pause /> : <Play />}
        </IconButton>
        <IconButton label="One step on" onClick={() => go(place + 1)}>
          <StepForward />
        </IconButton>
        <IconButton label="To the last step" onClick={() => go(last)}>
          <SkipForward />
        </IconButton>
        <input
          type="range"
          aria-label="Step"
          aria-valuetext={`Step ${place} of ${last}. ${caption}`}
          min={1}
          max={last}
          value={place}
          onChange={({ target }) => go(Number(target.value))}
          className="mx-2 min-w-32 flex-1 accent-accent-solid"
        />
        <span className="text-xs text-ink-2 tabular">
          {place} of {last}
        </span>
        <Button size="sm" className="ml-2" onClick={leave}>
          <X aria-hidden className="size-3.5" /> Back to now
        </Button>
      </div>
      <p className="mt-1 truncate text-xs text-ink-2">
        {event && (
          <span className="mr-2 text-ink-3 tabular">
            {dayOf(event.at)}, {preciseTimeOf(event.at)}
          </span>
        )}
        {caption}
      </p>
    </footer>
  );
}

const WHOLE_MS = 20_000;

/** Goes on by itself: a long history faster than a short one. */
function usePlay(playing: boolean, steps: number, next: () => void): void {
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(next, Math.min(500, Math.max(30, WHOLE_MS / steps)));
    return () => clearTimeout(timer);
  }, [playing, steps, next]);
}
