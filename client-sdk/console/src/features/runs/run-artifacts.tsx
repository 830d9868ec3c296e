import type { Artifact } from "@ymera/client";
import { useQuery } from "@tanstack/react-query";
import { Download, FileText } from "lucide-react";
import { useState } from "react";

import { useClient } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { bytesOf } from "#/ui/amounts";
import { Button, IconButton } from "#/ui/button";
import { Code } from "#/ui/copy-field";
import { Dialog, DialogBody } from "#/ui/dialog";
import { Skeleton } from "#/ui/states";
import { Section } from "#/ui/section";
import { saveBlob } from "#/ui/save";

/** What a run made besides its result, to look at or to keep. */
export function Artifacts({ artifacts }: { artifacts: readonly Artifact[] }) {
  const client = useClient();
  const [open, setOpen] = useState<Artifact | null>(null);
  if (artifacts.length === 0) return null;
  const download = async (artifact: Artifact) => {
    const { text } = await client.call("run.artifact", { artifact_id: artifact.id });
    save(artifact.name, text);
  };
  return (
    <Section title="Artifacts">
      <ul className="rounded-lg border">
        {artifacts.map((artifact) => (
          <li key={artifact.id} className="flex h-11 items-center gap-3 border-b px-3 last:border-0">
            <FileText aria-hidden className="size-4 shrink-0 text-ink-3" />
            <button
              type="button"
              onClick={() => setOpen(artifact)}
              className="min-w-0 truncate rounded-sm font-medium hover:underline"
            >
              {artifact.name}
            </button>
            <span className="min-w-0 flex-1 truncate text-xs text-ink-3">
              {artifact.media_type}, {bytesOf(artifact.bytes)}
            </span>
            <IconButton
              label={`Download ${artifact.name}`}
              onClick={() => act(download(artifact), "The artifact could not be downloaded")}
            >
              <Download />
            </IconButton>
          </li>
        ))}
      </ul>
      <Dialog
        open={open !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) setOpen(null);
        }}
        title={open?.name ?? "Artifact"}
        wide
      >
        {open && (
          <Content artifact={open} onDownload={() => act(download(open), "It could not be downloaded")} />
        )}
      </Dialog>
    </Section>
  );
}

function Content({ artifact, onDownload }: { artifact: Artifact; onDownload: () => void }) {
  const client = useClient();
  const content = useQuery({
    queryKey: ["artifact", artifact.id],
    queryFn: () => client.call("run.artifact", { artifact_id: artifact.id }),
    staleTime: Infinity,
  });
  return (
    <DialogBody>
      {content.isPending && <Skeleton className="h-24" />}
      {content.isError && <p className="text-danger">{messageOf(content.error)}</p>}
      {content.data && <Code label={artifact.name} text={content.data.text} />}
      <Button className="self-start [&>svg]:size-3.5" onClick={onDownload}>
        <Download aria-hidden /> Download
      </Button>
    </DialogBody>
  );
}

/** Keeps a text as a file. Always as plain text: nothing that a run made is opened as a page. */
function save(name: string, text: string): void {
  saveBlob(new Blob([text], { type: "text/plain" }), name.replaceAll(/[^\w .()-]/g, "_"));
}
