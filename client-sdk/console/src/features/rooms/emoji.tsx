import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";

import { SURFACE } from "#/ui/menu";

const EMOJI: readonly (readonly [emoji: string, name: string])[] = [
  ["👍", "thumbs up"],
  ["👎", "thumbs down"],
  ["❤️", "heart"],
  ["😄", "laughing"],
  ["🎉", "celebration"],
  ["🙏", "thanks"],
  ["👀", "looking"],
  ["✅", "done"],
  ["❌", "no"],
  ["🔥", "fire"],
  ["🚀", "rocket"],
  ["💡", "idea"],
  ["🤔", "thinking"],
  ["😮", "surprised"],
  ["😢", "sad"],
  ["👏", "applause"],
  ["💯", "hundred"],
  ["⏳", "waiting"],
  ["🐛", "bug"],
  ["☕", "coffee"],
  ["🧪", "test"],
];

/** A few reactions that say most things. */
export function EmojiPicker({ trigger, onPick }: { trigger: ReactNode; onPick: (emoji: string) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label="Reactions"
          side="top"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className={`${SURFACE} grid grid-cols-7 gap-0.5`}
        >
          {EMOJI.map(([emoji, name]) => (
            <button
              key={emoji}
              type="button"
              aria-label={name}
              onClick={() => {
                setOpen(false);
                onPick(emoji);
              }}
              className="flex size-8 items-center justify-center rounded-md emoji text-lg hover:bg-hover"
            >
              {emoji}
            </button>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
