import { Outlet, useRouter, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { Dialog } from "radix-ui";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";

import { signInFor } from "#/features/account/session";
import { CodeBanner } from "#/features/encryption/code-banner";
import { Pairing } from "#/features/encryption/pairing";
import { TransferTray } from "#/features/files/transfer-tray";
import { IconButton } from "#/ui/button";
import { useFocusBack } from "#/ui/focus";
import { Mark } from "#/ui/mark";

import { useMeIfKnown, useStatus } from "./client";
import { ConnectionBanner, ConnectionDot } from "./connection";
import { Overlays } from "./overlays";
import { useAway } from "./presence";
import { Sidebar } from "./sidebar";

/** Everything behind the sign-in: the sidebar, the page, and what lies over them. */
export function Shell() {
  const { phase } = useStatus();
  const me = useMeIfKnown();
  if (phase === "signed_out") return <ToSignIn />;
  if (!me) return <Splash offline={phase === "offline"} />;
  return (
    <Overlays>
      <Frame />
    </Overlays>
  );
}

/** Leaves for the sign-in, once, which leads back here. */
function ToSignIn() {
  const router = useRouter();
  useEffect(() => {
    void router.navigate({ to: "/signin", ...signInFor(router.state.location.href), replace: true });
  }, [router]);
  return null;
}

const Drawer = createContext<() => void>(() => undefined);

function Frame() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  // The menu was opened on this page; going to another one closes it.
  const [drawerOn, setDrawerOn] = useState<string | null>(null);
  const open = useCallback(() => setDrawerOn(path), [path]);
  const focus = useFocusBack();
  useAway();
  return (
    <Drawer.Provider value={open}>
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-raised px-3 py-2 shadow-pop focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to the page
      </a>
      <div className="grid h-full grid-cols-1 md:grid-cols-[15.5rem_minmax(0,1fr)]">
        <div className="hidden min-h-0 md:block">
          <Sidebar />
        </div>
        <main
          id="main"
          tabIndex={-1}
          className="relative flex min-h-0 min-w-0 flex-col overflow-hidden bg-panel focus-visible:outline-none md:my-2 md:mr-2 md:rounded-xl md:border md:shadow-card"
        >
          <ConnectionBanner />
          <CodeBanner />
          <Outlet />
        </main>
      </div>
      <TransferTray />
      <Pairing />
      <Dialog.Root open={drawerOn === path} onOpenChange={(next) => setDrawerOn(next ? path : null)}>
        <Dialog.Portal>
          <Dialog.Overlay className="fixed inset-0 z-30 animate-fade bg-scrim md:hidden" />
          <Dialog.Content
            aria-describedby={undefined}
            onOpenAutoFocus={(event) => {
              focus.remember();
              focusItself(event);
            }}
            onCloseAutoFocus={focus.giveBack}
            className="fixed inset-y-0 left-0 z-40 w-72 animate-drawer bg-canvas shadow-dialog focus-visible:outline-none md:hidden"
          >
            <Dialog.Title className="sr-only">Menu</Dialog.Title>
            <Sidebar />
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
    </Drawer.Provider>
  );
}

/** The menu has the focus, not its first button, whose tooltip would cover the rest. */
function focusItself(event: Event): void {
  event.preventDefault();
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
}

interface PageHeaderProps {
  title: ReactNode;
  children?: ReactNode;
  below?: ReactNode;
}

/** The bar at the top of a page: where one is, and what can be done here. */
export function PageHeader({ title, children, below }: PageHeaderProps) {
  const openDrawer = useContext(Drawer);
  return (
    <header className="shrink-0 border-b">
      <div className="flex h-12 items-center gap-2 px-3 md:px-4">
        <IconButton label="Open the menu" className="md:hidden" onClick={openDrawer}>
          <MenuIcon />
        </IconButton>
        <div className="flex min-w-0 flex-1 items-center gap-2">{title}</div>
        <div className="flex shrink-0 items-center gap-1.5">{children}</div>
        <span className="px-1 md:hidden">
          <ConnectionDot />
        </span>
      </div>
      {below}
    </header>
  );
}

export function PageTitle({ children }: { children: ReactNode }) {
  return <h1 className="truncate text-base font-semibold">{children}</h1>;
}

function Splash({ offline }: { offline: boolean }) {
  return (
    <main
      className="flex h-full flex-col items-center justify-center gap-4 px-6 text-center"
      aria-busy={!offline}
    >
      <Mark className={offline ? "size-10 opacity-50 grayscale" : "size-10 animate-breathe"} />
      {offline ? (
        <div>
          <h1 className="text-base font-semibold">The server cannot be reached</h1>
          <p className="mt-1 max-w-xs text-sm text-ink-2">
            This page goes on by itself as soon as it answers.
          </p>
        </div>
      ) : (
        <h1 className="sr-only">Opening your workspace</h1>
      )}
    </main>
  );
}
