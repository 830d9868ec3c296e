import type { RunInfo } from "@ymera/client";
import { useLayoutEffect, useRef } from "react";

import { countOf } from "#/ui/amounts";
import { Skeleton } from "#/ui/states";
import { Section } from "#/ui/section";

import type { Output } from "./scene";
import { hasEnded } from "./states";

interface RunOutputProps {
  outputs: readonly Output[];
  run: RunInfo;
  loading: boolean;
}

/** What the run writes, as it comes. */
export function RunOutput({ outputs, run, loading }: RunOutputProps) {
  const length = outputs.reduce((sum, output) => sum + output.text.length, 0);
  const { box, onScroll } = useEnd(length);
  if (length === 0 && !loading && hasEnded(run.state)) return null;
  return (
    <Section title="Output" note={length > 0 && `${countOf(length)} characters`}>
      {length === 0 ? (
        loading ? (
          <Skeleton className="h-20" />
        ) : (
          <p className="text-ink-3">
            {run.state === "working" ? "Nothing yet." : "It comes here as it is written."}
          </p>
        )
      ) : (
        <pre
          ref={box}
          role="log"
          aria-label="Output"
          // Read out piece by piece it would drown everything else.
          aria-live="off"
          tabIndex={0}
          onScroll={onScroll}
          className="max-h-[28rem] overflow-auto rounded-lg border bg-sunken px-4 py-3 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
        >
          {outputs.map((output, index) => (
            <Piece key={output.fence} output={output} earlier={index < outputs.length - 1} />
          ))}
        </pre>
      )}
    </Section>
  );
}

function Piece({ output, earlier }: { output: Output; earlier: boolean }) {
  return (
    <span className={earlier ? "text-ink-3" : undefined}>
      {(earlier || output.fence > 1) && (
        <span className="my-1 block text-2xs text-ink-3">— Attempt {output.fence} —</span>
      )}
      {output.text}
      {output.truncated && (
        <span className="my-1 block text-2xs text-warn">— The limit is reached: no more is kept —</span>
      )}
      {earlier && "\n"}
    </span>
  );
}

const NEAR = 40;

/** Keeps the end in sight while there is more, unless the reader has scrolled away from it. */
function useEnd(length: number) {
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [length]);
  const onScroll = () => {
    if (!box.current) return;
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR;
  };
  return { box, onScroll };
}
