import type { FileDetails } from "@ymera/client";
import { useQuery } from "@tanstack/react-query";
import { FileLock2 } from "lucide-react";
import { useEffect, useState } from "react";

import { useClient } from "#/app/client";
import { messageOf } from "#/app/errors";
import { Code } from "#/ui/copy-field";
import { Empty, Skeleton } from "#/ui/states";

import { Pages } from "./file-preview";
import { MAX_PICTURE, PICTURES } from "./names";

const MAX_TEXT = 1024 * 1024;
/** Characters of a text that are shown. */
const MAX_SHOWN = 50_000;

/** What is in a file of an encrypted room: decrypted here, or as whoever has brought it has read it. */
export function SealedPreview({ details }: { details: FileDetails }) {
  const { version, description } = details;
  const form = formOf(version);
  const content = useContent(version.file_id, version.number, form);
  if (form === null)
    return description?.pages ? (
      <Told details={details} />
    ) : (
      <Empty icon={FileLock2} title="There is no preview">
        {description?.error ||
          "The server cannot read this file, so it has made none. Download it to look at it."}
      </Empty>
    );
  if (content.isError) return <p className="text-sm text-danger">{messageOf(content.error)}</p>;
  if (content.data === undefined) return <Skeleton className="h-64" />;
  return typeof content.data === "string" ? (
    <Code label={`Content of ${version.name}`} text={content.data} />
  ) : (
    <Picture content={content.data} name={version.name} />
  );
}

/** What whoever has brought a file has told of it. */
function Told({ details }: { details: FileDetails }) {
  return (
    <div className="flex flex-col gap-2">
      <Pages details={details} />
      {details.description?.metadata["truncated"] === true && (
        <p className="text-xs text-ink-3">Its beginning. Download the file for all of it.</p>
      )}
    </div>
  );
}

function formOf({ media_type, kind, bytes }: FileDetails["version"]): "picture" | "text" | null {
  if (PICTURES.has(media_type)) return bytes <= MAX_PICTURE ? "picture" : null;
  if (kind === "table") return null;
  return /^text\/|[/+](json|xml|yaml)$/.test(media_type) && bytes <= MAX_TEXT ? "text" : null;
}

/** A picture's bytes, or a text's characters. */
function useContent(fileId: string, number: number, as: "picture" | "text" | null) {
  const client = useClient();
  return useQuery({
    queryKey: ["file", fileId, "content", number],
    enabled: as !== null,
    // What was decrypted is not to outlive the page that shows it.
    gcTime: 0,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const blob = await (await client.files.download(fileId, { number, signal })).blob();
      return as === "text" ? (await blob.text()).slice(0, MAX_SHOWN) : blob;
    },
  });
}

function Picture({ content, name }: { content: Blob; name: string }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(content);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- an address has to be given back, so it cannot be made while rendering
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [content]);
  if (url === null) return <Skeleton className="h-64" />;
  return (
    <img
      src={url}
      alt={`Content of ${name}`}
      className="mx-auto block max-h-[70vh] max-w-full rounded-lg bg-sunken object-contain ring-1 ring-line"
    />
  );
}
