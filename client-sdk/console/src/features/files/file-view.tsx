import type { FileDetails } from "@ymera/client";
import { isYmeraError } from "@ymera/client";
import { Undo2 } from "lucide-react";
import { useState } from "react";

import { useMe } from "#/app/client";
import { messageOf } from "#/app/errors";
import { useIsEncrypted } from "#/features/encryption/use-sealed";
import { Button } from "#/ui/button";
import { Failed, SkeletonRows } from "#/ui/states";
import { Segments } from "#/ui/tabs";

import { FileAccess } from "./file-access";
import { FileFacts, SealedFacts } from "./file-facts";
import { FilePreview } from "./file-preview";
import { FileVersions } from "./file-versions";
import { daysLeft } from "./names";
import { canEditFile, canShareFile } from "./rights";
import { SealedPreview } from "./sealed-preview";
import { useFileChange } from "./use-files";

type Tab = "preview" | "details" | "versions" | "access";

interface FileViewProps {
  details: { data: FileDetails | undefined; error: unknown; refetch: () => Promise<unknown> };
  nameOf: (id: string) => string;
  /** Shows another file in this one's place. */
  onOpen: (fileId: string) => void;
}

/** Everything about one file, in a panel or on a page of its own. */
export function FileView({ details: { data, error, refetch }, nameOf, onOpen }: FileViewProps) {
  const me = useMe();
  const [tab, setTab] = useState<Tab>("preview");
  const encrypted = useIsEncrypted(data?.file.room ?? "");
  if (!data)
    return error === null ? (
      <SkeletonRows rows={5} />
    ) : (
      <Failed
        message={
          isYmeraError(error, "not_found") ? "It was deleted, or you have no access to it." : messageOf(error)
        }
        onRetry={() => void refetch()}
      />
    );
  const { file } = data;
  const shares = !encrypted && canShareFile(data, me);
  const canEdit = canEditFile(data);
  return (
    <div className="flex flex-col gap-4">
      {file.purge_at !== null && <InTrash details={data} />}
      <Segments<Tab>
        label="About the file"
        value={tab}
        onChange={setTab}
        choices={[
          { value: "preview", label: "Preview" },
          { value: "details", label: "Details" },
          { value: "versions", label: file.number > 1 ? `Versions ${file.number}` : "Versions" },
          ...(shares ? [{ value: "access" as const, label: "Access" }] : []),
        ]}
      />
      {tab === "preview" &&
        (encrypted ? (
          <SealedPreview key={file.number} details={data} />
        ) : (
          <FilePreview key={file.number} details={data} />
        ))}
      {tab === "details" &&
        (encrypted ? (
          <SealedFacts details={data} nameOf={nameOf} />
        ) : (
          <FileFacts details={data} nameOf={nameOf} onOpen={onOpen} />
        ))}
      {tab === "versions" && (
        <FileVersions details={data} encrypted={encrypted} canEdit={canEdit} nameOf={nameOf} />
      )}
      {tab === "access" && shares && <FileAccess details={data} nameOf={nameOf} />}
    </div>
  );
}

function InTrash({ details: { file, access } }: { details: FileDetails }) {
  const { run } = useFileChange();
  const restore = () =>
    run(
      (client) => client.call("file.undelete", { file_id: file.id }),
      `${file.name} could not be brought back`,
    );
  return (
    <p className="flex items-center gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
      <span className="flex-1">
        It is in the trash{file.purge_at && `, and gone in ${daysLeft(file.purge_at)}`}.
      </span>
      {access !== "viewer" && (
        <Button size="sm" onClick={restore}>
          <Undo2 aria-hidden className="size-3.5" /> Restore
        </Button>
      )}
    </p>
  );
}
