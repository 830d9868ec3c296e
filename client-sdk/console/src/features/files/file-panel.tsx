import { Download, Maximize2, X } from "lucide-react";
import { useNavigate } from "@tanstack/react-router";

import type { RoomView } from "#/app/client";
import { usePeopleOf } from "#/features/rooms/people";
import { IconButton } from "#/ui/button";
import { SidePanel } from "#/ui/side-panel";

import { useSave } from "./download";
import { FileMenu } from "./file-actions";
import { FileView } from "./file-view";
import { canEditFile } from "./rights";
import { useFile } from "./use-files";

interface FilePanelProps {
  fileId: string;
  view: RoomView;
  onClose: () => void;
  onOpen: (fileId: string) => void;
}

/** One file, beside the list that it stands in. */
export function FilePanel({ fileId, view, onClose, onOpen }: FilePanelProps) {
  const save = useSave();
  const navigate = useNavigate();
  const { nameOf } = usePeopleOf(view);
  const details = useFile(fileId);
  const file = details.data?.file;
  return (
    <SidePanel label="File" onClose={onClose}>
      <header className="flex h-12 shrink-0 items-center gap-0.5 border-b pr-2 pl-4">
        <h2 className="min-w-0 flex-1 truncate text-base font-semibold" title={file?.name}>
          {file?.name ?? "File"}
        </h2>
        {file && (
          <>
            <IconButton
              label={`Download ${file.name}`}
              disabled={file.held !== ""}
              onClick={() => save(file.room, file)}
            >
              <Download />
            </IconButton>
            <FileMenu file={file} canEdit={canEditFile(details.data)} onDeleted={onClose} />
          </>
        )}
        <IconButton
          label="Open as a page"
          onClick={() => void navigate({ to: "/files/$fileId", params: { fileId } })}
        >
          <Maximize2 className="size-3.5!" />
        </IconButton>
        <IconButton label="Close the file" keys="esc" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pt-3 pb-20">
        <FileView details={details} nameOf={nameOf} onOpen={onOpen} />
      </div>
    </SidePanel>
  );
}
