import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";

interface SidePanelProps {
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** Stands beside what it belongs to; on a narrow screen, over it. Escape closes it. */
export function SidePanel({ label, onClose, children }: SidePanelProps) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    // What stands in it may have taken the focus already.
    if (!panel.current?.contains(before)) panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.stopPropagation();
    onClose();
  };
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={label}
      onKeyDown={onKeyDown}
      className="fixed inset-0 z-20 flex animate-slide flex-col bg-panel focus-visible:outline-none md:static md:z-auto md:w-[27rem] md:shrink-0 md:border-l"
    >
      {children}
    </aside>
  );
}
