/** What lies over the pages and can be called up from anywhere: the palette, the help, the forms. */

import { useNavigate, useParams } from "@tanstack/react-router";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

import { RegisterAgent } from "#/features/agents/register-agent";
import { NewProject } from "#/features/projects/new-project";
import { NewChannel, NewDirect, NewEncrypted } from "#/features/rooms/new-room";
import { NewTask } from "#/features/tasks/new-task";

import { Help } from "./help";
import { Palette } from "./palette";
import { useShortcuts } from "./shortcuts";

export type Form = "project" | "channel" | "encrypted" | "direct" | "task" | "agent";

interface Calls {
  openPalette: () => void;
  openHelp: () => void;
  create: (form: Form) => void;
}

const Context = createContext<Calls | null>(null);

export function useOverlays(): Calls {
  const calls = useContext(Context);
  if (!calls) throw new Error("useOverlays needs Overlays above it");
  return calls;
}

export function Overlays({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<"palette" | "help" | Form | null>(null);
  const close = useCallback((isOpen: boolean) => {
    if (!isOpen) setOpen(null);
  }, []);
  const calls = useMemo<Calls>(
    () => ({ openPalette: () => setOpen("palette"), openHelp: () => setOpen("help"), create: setOpen }),
    [],
  );
  return (
    <Context.Provider value={calls}>
      <GlobalShortcuts />
      {children}
      <Palette open={open === "palette"} onOpenChange={close} />
      <Help open={open === "help"} onOpenChange={close} />
      <NewProject open={open === "project"} onOpenChange={close} />
      <NewChannel open={open === "channel"} onOpenChange={close} />
      <NewEncrypted open={open === "encrypted"} onOpenChange={close} />
      <NewDirect open={open === "direct"} onOpenChange={close} />
      <NewTask open={open === "task"} onOpenChange={close} />
      <RegisterAgent open={open === "agent"} onOpenChange={close} />
    </Context.Provider>
  );
}

function GlobalShortcuts() {
  const navigate = useNavigate();
  const { openPalette, openHelp, create } = useOverlays();
  const { projectId } = useParams({ strict: false });
  useShortcuts({
    "mod+k": openPalette,
    "?": openHelp,
    c: () => create("task"),
    "g i": () => void navigate({ to: "/inbox" }),
    "g p": () => void navigate({ to: "/projects" }),
    "g c": () => void navigate({ to: "/rooms" }),
    "g a": () => void navigate({ to: "/agents" }),
    "g m": () => void navigate({ to: "/members" }),
    "g s": () => void navigate({ to: "/settings" }),
    ...(projectId && {
      "g b": () => void navigate({ to: "/projects/$projectId", params: { projectId } }),
      "g f": () => void navigate({ to: "/projects/$projectId/files", params: { projectId } }),
      "g q": () => void navigate({ to: "/projects/$projectId/queue", params: { projectId } }),
    }),
  });
  return null;
}
