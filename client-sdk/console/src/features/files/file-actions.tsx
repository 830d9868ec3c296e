import type { FileInfo } from "@ymera/client";
import { Download, Ellipsis, FilePenLine, FolderInput, Trash2, Upload } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";

import { messageOf } from "#/app/errors";
import { IconButton } from "#/ui/button";
import { Dialog } from "#/ui/dialog";
import { Field, Input } from "#/ui/field";
import { DialogForm, useSubmission } from "#/ui/form";
import { Menu, MenuItem, MenuSeparator } from "#/ui/menu";
import { toast } from "#/ui/toast";

import { useSave } from "./download";
import { usePicker } from "./drop-zone";
import { stemLength } from "./names";
import { useTray } from "./tray";
import { useFileChange, useFolders } from "./use-files";

interface FileMenuProps {
  file: FileInfo;
  canEdit: boolean;
  /** Where this stands is not for a file in the trash any more. */
  onDeleted?: () => void;
}

/** What can be done with a file. */
export function FileMenu({ file, canEdit, onDeleted }: FileMenuProps) {
  const tray = useTray();
  const remove = useRemoval();
  const [asking, setAsking] = useState<"rename" | "move" | null>(null);
  const version = usePicker((picked) => tray.add(picked.slice(0, 1), { room: file.room, fileId: file.id }));
  const close = () => setAsking(null);
  return (
    <>
      {version.inputs}
      <Menu
        align="end"
        label={`Actions for ${file.name}`}
        trigger={
          <IconButton label={`Actions for ${file.name}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        <DownloadItem file={file} />
        {canEdit && (
          <>
            <MenuItem icon={<Upload />} onSelect={version.pickFiles}>
              Upload a new version…
            </MenuItem>
            <MenuItem icon={<FilePenLine />} onSelect={() => setAsking("rename")}>
              Rename…
            </MenuItem>
            <MenuItem icon={<FolderInput />} onSelect={() => setAsking("move")}>
              Move…
            </MenuItem>
            <MenuSeparator />
            <MenuItem
              icon={<Trash2 />}
              danger
              onSelect={() => {
                remove(file);
                onDeleted?.();
              }}
            >
              Delete
            </MenuItem>
          </>
        )}
      </Menu>
      <Rename file={file} open={asking === "rename"} done={close} />
      <Move file={file} open={asking === "move"} done={close} />
    </>
  );
}

/** Only what is open looks which rooms are encrypted: there is a menu for each row of a list. */
function DownloadItem({ file }: { file: FileInfo }) {
  const save = useSave();
  return (
    <MenuItem icon={<Download />} disabled={file.held !== ""} onSelect={() => save(file.room, file)}>
      Download
    </MenuItem>
  );
}

/** Puts a file into the trash; a notice offers to take it back. */
export function useRemoval(): (file: FileInfo) => void {
  const { run } = useFileChange();
  return (file) =>
    run(async (client) => {
      await client.call("file.delete", { file_id: file.id });
      const undo = () =>
        run(
          (again) => again.call("file.undelete", { file_id: file.id }),
          `${file.name} could not be brought back`,
        );
      toast(`${file.name} is in the trash`, { action: { label: "Undo", run: undo } });
    }, `${file.name} could not be deleted`);
}

interface AskingProps {
  file: FileInfo;
  open: boolean;
  done: () => void;
}

function Rename({ file, open, done }: AskingProps) {
  return (
    <Dialog open={open} onOpenChange={done} title={`Rename ${file.name}`}>
      <RenameForm file={file} done={done} />
    </Dialog>
  );
}

function RenameForm({ file, done }: Omit<AskingProps, "open">) {
  const { change } = useFileChange();
  const [name, setName] = useState<string>(file.name);
  const input = useStemSelected(file.name);
  const { busy, error, onSubmit } = useSubmission(async () => {
    const { id: file_id, version } = file;
    await change((client) => client.call("file.rename", { file_id, version, name: name.trim() }));
    done();
  });
  return (
    <DialogForm action="Rename" busy={busy} disabled={!name.trim()} onSubmit={onSubmit} onCancel={done}>
      <Field label="Name" error={error ? messageOf(error) : null}>
        {(props) => (
          <Input
            {...props}
            ref={input}
            value={name}
            maxLength={255}
            required
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
    </DialogForm>
  );
}

/** An input in which, at first, the name is selected up to its ending. */
function useStemSelected(name: string): RefObject<HTMLInputElement | null> {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // After the dialog has given it the focus.
    const frame = requestAnimationFrame(() => input.current?.setSelectionRange(0, stemLength(name)));
    return () => cancelAnimationFrame(frame);
  }, [name]);
  return input;
}

function Move({ file, open, done }: AskingProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={done}
      title={`Move ${file.name}`}
      description="Into a folder that is there, or a new one."
    >
      <MoveForm file={file} done={done} />
    </Dialog>
  );
}

function MoveForm({ file, done }: Omit<AskingProps, "open">) {
  const { change } = useFileChange();
  const [folder, setFolder] = useState<string>(file.folder);
  const parent = folder.includes("/") ? folder.slice(0, folder.lastIndexOf("/")) : "";
  const near = useFolders(file.room, parent);
  const { busy, error, onSubmit } = useSubmission(async () => {
    const { id: file_id, task_id } = file;
    const place = folder.trim().replaceAll(/^\/+|\/+$/g, "");
    await change((client) => client.call("file.move", { file_id, folder: place, task_id }));
    done();
  });
  return (
    <DialogForm
      action="Move"
      busy={busy}
      disabled={folder === file.folder}
      onSubmit={onSubmit}
      onCancel={done}
    >
      <Field
        label="Folder"
        hint="Folders with / between them; empty for the top."
        error={error ? messageOf(error) : null}
      >
        {(props) => (
          <>
            <Input
              {...props}
              value={folder}
              list={`${props.id}-folders`}
              maxLength={1_000}
              placeholder="reports/2026"
              onChange={(event) => setFolder(event.target.value)}
            />
            <datalist id={`${props.id}-folders`}>
              {near.data?.map(({ path }) => (
                <option key={path} value={path} />
              ))}
            </datalist>
          </>
        )}
      </Field>
    </DialogForm>
  );
}
