import type { FileVersion } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { Download } from "lucide-react";

import { bytesOf } from "#/ui/amounts";
import { IconButton } from "#/ui/button";
import { Section } from "#/ui/section";

import { useSave } from "./download";
import { KindIcon } from "./kind-icon";
import { QualityChip } from "./quality";

/** The files that a run made, in the versions that it made. */
export function RunFiles({ room, versions }: { room: string; versions: readonly FileVersion[] }) {
  const save = useSave();
  if (versions.length === 0) return null;
  return (
    <Section title="Files">
      <ul className="rounded-lg border">
        {versions.map((version) => (
          <li
            key={`${version.file_id} ${version.number}`}
            className="flex h-11 items-center gap-3 border-b px-3 last:border-0"
          >
            <KindIcon kind={version.kind} className="size-4" />
            <Link
              to="/files/$fileId"
              params={{ fileId: version.file_id }}
              className="min-w-0 truncate rounded-sm font-medium hover:underline"
            >
              {version.name}
            </Link>
            <span className="min-w-0 flex-1 truncate text-xs text-ink-3">
              {version.number > 1 && `version ${version.number}, `}
              {bytesOf(version.bytes)}
            </span>
            <QualityChip fileId={version.file_id} number={version.number} score={version.quality} />
            <IconButton
              label={`Download ${version.name}`}
              disabled={version.held !== ""}
              onClick={() => save(room, { ...version, id: version.file_id }, version.number)}
            >
              <Download />
            </IconButton>
          </li>
        ))}
      </ul>
    </Section>
  );
}
