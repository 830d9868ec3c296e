import type { FileInfo } from "@ymera/client";
import { LoaderCircle, Lock, ShieldAlert, TriangleAlert } from "lucide-react";

import { Chip } from "#/ui/chip";
import { Tip } from "#/ui/tip";

/** What is not usual about a file: who may have it, whether it is held, how far its reading is. */
export function FileBadges({ file }: { file: Pick<FileInfo, "held" | "restricted" | "analysis"> }) {
  return (
    <>
      {file.held && (
        <Badge why={`Nobody can download it: ${file.held}`} tone="danger">
          <ShieldAlert aria-hidden /> Held
        </Badge>
      )}
      {file.restricted && (
        <Badge why="Only for managers, whoever made it, and those who were given access" tone="plain">
          <Lock aria-hidden /> Restricted
        </Badge>
      )}
      {file.analysis === "failed" && (
        <Badge why="Its content could not be read; the details say why" tone="warn">
          <TriangleAlert aria-hidden /> Unreadable
        </Badge>
      )}
      {file.analysis === "pending" && (
        <Badge why="Its content is being read" tone="plain">
          <LoaderCircle aria-hidden className="animate-spin" /> Reading
        </Badge>
      )}
    </>
  );
}

function Badge({
  why,
  tone,
  children,
}: {
  why: string;
  tone: "plain" | "warn" | "danger";
  children: React.ReactNode;
}) {
  return (
    <Tip text={why}>
      <span className="inline-flex">
        <Chip tone={tone}>{children}</Chip>
        <span className="sr-only">{why}</span>
      </span>
    </Tip>
  );
}
