import type { ContentKind, FileInfo } from "@ymera/client";
import clsx from "clsx";
import {
  File,
  FileArchive,
  FileCode,
  FileImage,
  FileMusic,
  FilePlay,
  FileSpreadsheet,
  FileText,
  type LucideIcon,
  ScrollText,
} from "lucide-react";

import { usePreview, useSeen } from "./use-preview";

const ICONS: Record<ContentKind, LucideIcon> = {
  image: FileImage,
  document: FileText,
  text: ScrollText,
  table: FileSpreadsheet,
  code: FileCode,
  archive: FileArchive,
  audio: FileMusic,
  video: FilePlay,
  other: File,
};

export function KindIcon({ kind, className }: { kind: ContentKind; className?: string }) {
  const Icon = ICONS[kind];
  return <Icon aria-hidden className={clsx("shrink-0 text-ink-3", className)} strokeWidth={1.75} />;
}

const PICTURED: ReadonlySet<ContentKind> = new Set(["image", "document", "video"]);

/** A small picture of a file where there is one, else the icon of its kind. Decoration. */
export function Thumbnail({
  file,
  size = "sm",
}: {
  file: Pick<FileInfo, "id" | "number" | "kind" | "analysis" | "held">;
  size?: "sm" | "lg";
}) {
  const { ref, seen } = useSeen<HTMLSpanElement>();
  const pictured = seen && PICTURED.has(file.kind) && file.analysis === "done" && file.held === "";
  const url = usePreview(file.id, file.number, pictured ? "thumbnail" : null);
  return (
    <span
      ref={ref}
      aria-hidden
      className={clsx(
        "flex shrink-0 items-center justify-center overflow-hidden rounded-md",
        size === "sm" ? "size-7" : "size-11",
        url !== null ? "bg-sunken ring-1 ring-line" : size === "lg" && "bg-sunken",
      )}
    >
      {url === null ? (
        <KindIcon kind={file.kind} className="size-4.5" />
      ) : (
        <img src={url} alt="" className="size-full object-cover" />
      )}
    </span>
  );
}
