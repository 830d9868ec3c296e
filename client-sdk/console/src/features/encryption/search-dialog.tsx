import type { SearchHit } from "@ymera/client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileText, MessageSquare, SquareCheckBig } from "lucide-react";
import { useDeferredValue, useRef, useState } from "react";

import { messageOf } from "#/app/errors";
import { Marked } from "#/features/files/found";
import { showMessage } from "#/features/rooms/reveal";
import { Dialog, DialogBody } from "#/ui/dialog";
import { TextField } from "#/ui/form";

import { useSealed } from "./use-sealed";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  room: string;
  project: boolean;
}

/** Finds what was said, planned and brought as a file in an encrypted room, on this device. */
export function SearchDialog({ open, onOpenChange, room, project }: Props) {
  const chosen = useRef<string | null>(null);
  const onChosen = (hit: SearchHit) => {
    chosen.current = hit.collection === "messages" ? hit.id : null;
    onOpenChange(false);
  };
  const onClosed = (event: Event) => {
    if (chosen.current === null) return;
    // The page shows it once it is there; it may be there already.
    event.preventDefault();
    showMessage(document.body, chosen.current);
    chosen.current = null;
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      onClosed={onClosed}
      wide
      title="Search in this room"
      description="In what this device has decrypted. The server does not learn what you look for."
    >
      <Body room={room} project={project} onChosen={onChosen} />
    </Dialog>
  );
}

type Choose = (hit: SearchHit) => void;

function Body({ room, project, onChosen }: Pick<Props, "room" | "project"> & { onChosen: Choose }) {
  const sealed = useSealed();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const hits = useQuery({
    queryKey: ["sealed-search", room, wanted],
    enabled: wanted !== "",
    // What was said is not to outlive the page that shows it.
    gcTime: 0,
    staleTime: 0,
    placeholderData: keepPreviousData,
    queryFn: () => sealed.search(room, wanted),
  });
  return (
    <DialogBody className="min-h-72">
      <TextField label="Look for" value={text} onChange={setText} maxLength={200} type="search" />
      {hits.isError && <p className="text-sm text-danger">{messageOf(hits.error)}</p>}
      {wanted !== "" && hits.data?.length === 0 && (
        <p role="status" className="text-sm text-ink-3">
          Nothing here says “{wanted}”.
        </p>
      )}
      {wanted !== "" && (
        <ul aria-label="Found" className="flex flex-col">
          {hits.data?.map((hit) => (
            <li key={`${hit.collection} ${hit.id}`}>
              <Hit hit={hit} project={project} onChosen={() => onChosen(hit)} />
            </li>
          ))}
        </ul>
      )}
    </DialogBody>
  );
}

/** Leads to a file, to a task, or to a message: in the conversation, in its thread, or under its task. */
function Hit({ hit, project, onChosen }: { hit: SearchHit; project: boolean; onChosen: () => void }) {
  const look =
    "flex items-start gap-2.5 rounded-md px-2 py-1.5 text-sm hover:bg-hover [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-ink-3";
  if (hit.file !== null)
    return (
      <Link to="/files/$fileId" params={{ fileId: hit.id }} onClick={onChosen} className={look}>
        <FileText aria-label="File" />
        <span className="min-w-0">
          <span className="block truncate font-medium">
            {hit.file.name}
            {hit.file.page > 1 && <span className="text-ink-3">, page {hit.file.page}</span>}
          </span>
          <span className="line-clamp-2 text-xs break-words text-ink-2">
            <Marked text={hit.text} />
          </span>
        </span>
      </Link>
    );
  const body = <span className="line-clamp-2 min-w-0">{hit.text}</span>;
  const task = hit.collection === "tasks" ? hit.id : hit.task;
  if (task !== null)
    return (
      <Link
        to="/projects/$projectId/tasks/$taskId"
        params={{ projectId: hit.room, taskId: task }}
        search={hit.task === null ? {} : { message: hit.id }}
        onClick={onChosen}
        className={look}
      >
        {hit.task === null ? <SquareCheckBig aria-label="Task" /> : <MessageSquare aria-label="Comment" />}{" "}
        {body}
      </Link>
    );
  const place = project
    ? ({ to: "/projects/$projectId/talk", params: { projectId: hit.room } } as const)
    : ({ to: "/rooms/$roomId", params: { roomId: hit.room } } as const);
  return (
    <Link
      {...place}
      search={{ message: hit.id, ...(hit.thread !== null && { thread: hit.thread }) }}
      onClick={onChosen}
      className={look}
    >
      <MessageSquare aria-label={hit.thread === null ? "Message" : "Reply"} /> {body}
    </Link>
  );
}
