import { type Client, isYmeraError } from "@ymera/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";

import { Announcer } from "#/ui/announcer";
import { TipProvider } from "#/ui/tip";
import { Toasts } from "#/ui/toast";

import { ClientProvider } from "./client";
import { report } from "./errors";
import { router } from "./router";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      networkMode: "always",
      retry: (failures, error) => failures < 2 && isYmeraError(error) && error.retryable,
    },
  },
});

export function App({ client }: { client: Client }) {
  useEffect(() => {
    // Being signed out is not a failure: the shell then shows the way in.
    client.connect().catch(() => undefined);
    return client.on("rejected", ({ recovered, error }) => {
      if (recovered) report("A change you made earlier was refused", error);
    });
  }, [client]);
  return (
    <ClientProvider value={client}>
      <QueryClientProvider client={queries}>
        <TipProvider delayDuration={400} skipDelayDuration={200}>
          <RouterProvider router={router} />
          <Announcer />
          <Toasts />
        </TipProvider>
      </QueryClientProvider>
    </ClientProvider>
  );
}
