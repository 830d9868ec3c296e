import type { FileDetails, FileVersion } from "@ymera/client";
import { Download, Ellipsis, GitCompareArrows, Pin, PinOff, RotateCcw } from "lucide-react";
import { useState } from "react";

import { messageOf } from "#/app/errors";
import { bytesOf } from "#/ui/amounts";
import { Button, IconButton } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { momentOf } from "#/ui/dates";
import { Dialog } from "#/ui/dialog";
import { DialogForm, TextField, useSubmission } from "#/ui/form";
import { Menu, MenuItem } from "#/ui/menu";
import { SkeletonRows } from "#/ui/states";
import { toast } from "#/ui/toast";

import { Comparison } from "./comparison";
import { useSave } from "./download";
import { QualityChip } from "./quality";
import { useFileChange, useVersions } from "./use-files";

interface FileVersionsProps {
  details: FileDetails;
  /** Of an encrypted room: nobody compares them, or thins them out. */
  encrypted: boolean;
  canEdit: boolean;
  nameOf: (id: string) => string;
}

/** A file's versions, newest first: to restore, to compare, to keep for good. */
export function FileVersions({ details: { file }, encrypted, canEdit, nameOf }: FileVersionsProps) {
  const versions = useVersions(file.id);
  const [comparing, setComparing] = useState<readonly [before: number, after: number] | null>(null);
  const [pinning, setPinning] = useState<FileVersion | null>(null);
  if (!versions.data)
    return versions.isError ? (
      <p className="text-danger">{messageOf(versions.error)}</p>
    ) : (
      <SkeletonRows rows={3} />
    );
  const all = versions.data.pages.flatMap((page) => page.items);
  return (
    <div className="flex flex-col gap-2">
      {all.length > 1 && !encrypted && (
        <Button
          size="sm"
          className="self-start"
          onClick={() => setComparing([all[1]?.number ?? 1, all[0]?.number ?? 1])}
        >
          <GitCompareArrows aria-hidden className="size-3.5" /> Compare versions
        </Button>
      )}
      <ol aria-label="Versions" className="rounded-lg border">
        {all.map((version) => (
          <Version
            key={version.number}
            room={file.room}
            version={version}
            newest={version.number === file.number}
            canEdit={canEdit}
            by={nameOf(version.created_by)}
            {...(!encrypted && {
              onCompare: () => setComparing([version.number, file.number]),
              onPin: () => setPinning(version),
            })}
          />
        ))}
      </ol>
      {versions.hasNextPage && (
        <Button look="ghost" onClick={() => void versions.fetchNextPage()}>
          Older versions
        </Button>
      )}
      <Comparison
        fileId={file.id}
        versions={all}
        pair={comparing}
        onPair={setComparing}
        onClose={() => setComparing(null)}
      />
      <Pinning version={pinning} done={() => setPinning(null)} />
    </div>
  );
}

interface VersionProps {
  room: string;
  version: FileVersion;
  newest: boolean;
  canEdit: boolean;
  by: string;
  onCompare?: () => void;
  onPin?: () => void;
}

function Version({ by, ...props }: VersionProps) {
  const { version, newest } = props;
  return (
    <li className="flex min-h-12 items-center gap-2 border-b px-3 py-2 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-1.5 text-sm font-medium">
          Version {version.number}
          {newest && <Chip tone="accent">Newest</Chip>}
          {version.label && (
            <Chip>
              <Pin aria-hidden /> <span className="truncate">{version.label}</span>
            </Chip>
          )}
          {version.held && <Chip tone="danger">Held</Chip>}
        </p>
        <p className="truncate text-xs text-ink-3">
          {momentOf(version.created_at)} by {by}, {bytesOf(version.bytes)}
          {version.restored_from !== null && `, from version ${version.restored_from}`}
        </p>
      </div>
      <QualityChip fileId={version.file_id} number={version.number} score={version.quality} />
      <VersionMenu {...props} />
    </li>
  );
}

function VersionMenu({ room, version, newest, canEdit, onCompare, onPin }: Omit<VersionProps, "by">) {
  const save = useSave();
  const { run } = useFileChange();
  const { file_id, number, name, bytes } = version;
  const restore = () =>
    run(async (again) => {
      const made = await again.call("file.restore", { file_id, number });
      toast(`Version ${number} is the newest again, as version ${made.number}`);
    }, "The version could not be restored");
  const unpin = () =>
    run((again) => again.call("file.pin", { file_id, number }), "The version could not be let go");
  return (
    <Menu
      align="end"
      label={`Actions for version ${number}`}
      trigger={
        <IconButton label={`Actions for version ${number}`}>
          <Ellipsis />
        </IconButton>
      }
    >
      <MenuItem
        icon={<Download />}
        disabled={version.held !== ""}
        onSelect={() => save(room, { id: file_id, name, bytes }, number)}
      >
        Download
      </MenuItem>
      {!newest && onCompare && (
        <MenuItem icon={<GitCompareArrows />} onSelect={onCompare}>
          Compare with the newest
        </MenuItem>
      )}
      {canEdit && !newest && (
        <MenuItem icon={<RotateCcw />} onSelect={restore}>
          Restore
        </MenuItem>
      )}
      {canEdit && onPin && (
        <MenuItem icon={<Pin />} onSelect={onPin}>
          {version.label ? "Change the label…" : "Keep for good…"}
        </MenuItem>
      )}
      {canEdit && onPin && version.label && (
        <MenuItem icon={<PinOff />} onSelect={unpin}>
          Let it be thinned out
        </MenuItem>
      )}
    </Menu>
  );
}

function Pinning({ version, done }: { version: FileVersion | null; done: () => void }) {
  return (
    <Dialog
      open={version !== null}
      onOpenChange={done}
      title={`Keep version ${version?.number ?? ""} for good`}
      description="Old versions are thinned out over time; one with a label stays."
    >
      {version && <PinForm version={version} done={done} />}
    </Dialog>
  );
}

function PinForm({ version, done }: { version: FileVersion; done: () => void }) {
  const { change } = useFileChange();
  const [label, setLabel] = useState(version.label);
  const { busy, error, onSubmit } = useSubmission(async () => {
    const { file_id, number } = version;
    await change((client) => client.call("file.pin", { file_id, number, label: label.trim() }));
    done();
  });
  return (
    <DialogForm action="Keep" busy={busy} disabled={!label.trim()} onSubmit={onSubmit} onCancel={done}>
      <TextField
        label="Label"
        placeholder="As sent to the customer"
        value={label}
        maxLength={100}
        required
        error={error ? messageOf(error) : null}
        onChange={setLabel}
      />
    </DialogForm>
  );
}
