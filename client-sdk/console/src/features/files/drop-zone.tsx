import { FolderUp, Upload } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";

import { report } from "#/app/errors";
import { Button } from "#/ui/button";
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuSeparator } from "#/ui/menu";

import { chosenFiles, droppedFiles, hasFiles, type Picked } from "./dropped";
import { CONFLICT_NAMES } from "./names";
import { keepConflict, lastConflict } from "./tray";

interface DropZoneProps {
  /** What dropping does: “Drop to upload to Apollo”. */
  label: string;
  disabled?: boolean;
  className?: string;
  onPick: (picked: Picked[]) => void;
  children: ReactNode;
}

/** A part of a page into which one can drop files and folders. */
export function DropZone({ label, disabled = false, className, onPick, children }: DropZoneProps) {
  const [over, setOver] = useState(0);
  if (disabled) return <div className={className}>{children}</div>;
  const take = async (data: DataTransfer) => {
    try {
      const picked = await droppedFiles(data);
      if (picked.length > 0) onPick(picked);
    } catch (error) {
      report("What you dropped could not be read", error);
    }
  };
  const only = (act: (event: DragEvent) => void) => (event: DragEvent) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    act(event);
  };
  return (
    <div
      className={`relative ${className ?? ""}`}
      onDragEnter={only(() => setOver((depth) => depth + 1))}
      onDragLeave={only(() => setOver((depth) => Math.max(0, depth - 1)))}
      onDragOver={only((event) => {
        event.dataTransfer.dropEffect = "copy";
      })}
      onDrop={only((event) => {
        setOver(0);
        void take(event.dataTransfer);
      })}
    >
      {children}
      {over > 0 && (
        <div
          data-drop-zone
          className="pointer-events-none absolute inset-2 z-10 flex animate-fade items-center justify-center rounded-xl border-2 border-dashed border-accent bg-accent-soft backdrop-blur-[2px]"
        >
          <span className="flex items-center gap-2 rounded-lg bg-raised px-4 py-2.5 font-medium shadow-pop">
            <Upload aria-hidden className="size-4 text-accent" /> {label}
          </span>
        </div>
      )}
    </div>
  );
}

/** Chooses files, or a whole folder, in the browser's own dialog. */
export function usePicker(onPick: (picked: Picked[]) => void) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const choose = (input: HTMLInputElement) => {
    const picked = input.files ? chosenFiles(input.files) : [];
    input.value = "";
    if (picked.length > 0) onPick(picked);
  };
  const inputs = (
    <>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        data-pick="files"
        onChange={(event) => choose(event.target)}
      />
      <input
        ref={folder}
        type="file"
        hidden
        data-pick="folder"
        {...{ webkitdirectory: "" }}
        onChange={(event) => choose(event.target)}
      />
    </>
  );
  return { inputs, pickFiles: () => files.current?.click(), pickFolder: () => folder.current?.click() };
}

/** The way to upload without dropping anything. */
export function UploadButton({
  look = "primary",
  onPick,
}: {
  look?: "primary" | "secondary";
  onPick: (picked: Picked[]) => void;
}) {
  const { inputs, pickFiles, pickFolder } = usePicker(onPick);
  const [conflict, setConflict] = useState(lastConflict);
  return (
    <>
      {inputs}
      <Menu
        align="end"
        label="Upload"
        trigger={
          <Button look={look} size="sm">
            <Upload aria-hidden className="size-3.5" /> Upload
          </Button>
        }
      >
        <MenuItem icon={<Upload />} onSelect={pickFiles}>
          Files…
        </MenuItem>
        <MenuItem icon={<FolderUp />} onSelect={pickFolder}>
          A folder…
        </MenuItem>
        <MenuSeparator />
        <MenuLabel>If a name is taken</MenuLabel>
        <MenuChoices
          value={conflict}
          onChange={(choice) => {
            keepConflict(choice);
            setConflict(choice);
          }}
          choices={(["version", "rename", "refuse"] as const).map((value) => ({
            value,
            label: CONFLICT_NAMES[value],
          }))}
        />
      </Menu>
    </>
  );
}
