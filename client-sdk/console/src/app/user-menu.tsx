import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown, Keyboard, LogOut, Monitor, Moon, Settings, Sun } from "lucide-react";

import { Avatar } from "#/ui/avatar";
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuSeparator, MenuSub } from "#/ui/menu";

import { useClient, useIsOnline, useMe, useMyEmail } from "./client";
import { ConnectionBadge } from "./connection";
import { report } from "./errors";
import { useOverlays } from "./overlays";
import { setBusy, useBusy } from "./presence";
import { setTheme, useTheme, type Theme } from "./theme";

const THEMES = [
  { value: "system", label: "As the system", icon: <Monitor /> },
  { value: "light", label: "Light", icon: <Sun /> },
  { value: "dark", label: "Dark", icon: <Moon /> },
] as const satisfies readonly { value: Theme; label: string; icon: React.ReactNode }[];

/** Ends the session here and forgets what was loaded. */
export function useSignOut(): () => void {
  const client = useClient();
  const queries = useQueryClient();
  return () => {
    client.rest
      .logout()
      .then(() => queries.clear())
      .catch((error: unknown) => report("You could not be signed out", error));
  };
}

export function UserMenu() {
  const me = useMe();
  const email = useMyEmail();
  const online = useIsOnline();
  const busy = useBusy();
  const theme = useTheme();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { openHelp } = useOverlays();
  return (
    <div className="shrink-0 border-t p-2">
      <Menu
        label="Your account"
        trigger={
          <button
            type="button"
            className="flex w-full items-center gap-2.5 rounded-md px-2 py-1.5 text-left hover:bg-hover data-[state=open]:bg-pressed"
          >
            <Avatar
              id={me.id}
              name={me.name}
              size="md"
              presence={!online ? null : busy ? "busy" : "online"}
            />
            <span className="min-w-0 flex-1">
              <span className="block truncate text-sm font-medium">{me.name}</span>
              <ConnectionBadge />
            </span>
            <ChevronsUpDown aria-hidden className="size-3.5 text-ink-3" />
          </button>
        }
      >
        <MenuLabel>{email ?? me.name}</MenuLabel>
        <MenuChoices
          value={busy ? "busy" : "online"}
          choices={[
            { value: "online", label: "Available" },
            { value: "busy", label: "Busy" },
          ]}
          onChange={(value) => setBusy(value === "busy")}
        />
        <MenuSeparator />
        <MenuSub label="Theme" icon={<Moon />}>
          <MenuChoices value={theme} choices={THEMES} onChange={setTheme} />
        </MenuSub>
        <MenuItem icon={<Keyboard />} keys="?" onSelect={openHelp}>
          Keyboard shortcuts
        </MenuItem>
        <MenuItem icon={<Settings />} keys="g s" onSelect={() => void navigate({ to: "/settings" })}>
          Settings
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={<LogOut />} onSelect={signOut}>
          Sign out
        </MenuItem>
      </Menu>
    </div>
  );
}
