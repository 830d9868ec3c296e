const MAC = typeof navigator !== "undefined" && /Mac|iP(hone|ad)/.test(navigator.userAgent);

const NAMES: Record<string, string> = {
  mod: MAC ? "⌘" : "Ctrl",
  shift: "⇧",
  enter: "↵",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  space: "Space",
  esc: "Esc",
};

/** A key combination such as `mod+k`, or a sequence such as `g i`. */
export function Keys({ combo }: { combo: string }) {
  return (
    <span className="inline-flex items-center gap-0.5">
      {combo.split(/[+ ]/).map((key, index) => (
        <kbd
          key={index}
          className="min-w-4.5 rounded-sm border border-line bg-sunken px-1 text-center font-sans text-2xs text-ink-2"
        >
          {NAMES[key] ?? key.toUpperCase()}
        </kbd>
      ))}
    </span>
  );
}
