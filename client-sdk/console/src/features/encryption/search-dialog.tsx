import type { SearchHit } from "@ymera/client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MessageSquare, SquareCheckBig } from "lucide-react";
import { useDeferredValue, useState } from "react";

import { messageOf } from "#/app/errors";
import { Dialog, DialogBody } from "#/ui/dialog";
import { TextField } from "#/ui/form";

import { useSealed } from "./use-sealed";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  room: string;
  project: boolean;
}

/** Finds what was said and planned in an encrypted room, on this device. */
export function SearchDialog({ open, onOpenChange, room, project }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      wide
      title="Search in this room"
      description="In what this device has decrypted. The server does not learn what you look for."
    >
      <Body room={room} project={project} onChosen={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Body({ room, project, onChosen }: Pick<Props, "room" | "project"> & { onChosen: () => void }) {
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
              <Hit hit={hit} project={project} onChosen={onChosen} />
            </li>
          ))}
        </ul>
      )}
    </DialogBody>
  );
}

/** Leads to a task, or to the thread of a message. */
function Hit({ hit, project, onChosen }: { hit: SearchHit; project: boolean; onChosen: () => void }) {
  const look =
    "flex items-start gap-2.5 rounded-md px-2 py-1.5 text-sm hover:bg-hover [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-ink-3";
  const body = <span className="line-clamp-2 min-w-0">{hit.text}</span>;
  if (hit.collection === "tasks")
    return (
      <Link
        to="/projects/$projectId/tasks/$taskId"
        params={{ projectId: hit.room, taskId: hit.id }}
        onClick={onChosen}
        className={look}
      >
        <SquareCheckBig aria-label="Task" /> {body}
      </Link>
    );
  const place = project
    ? ({ to: "/projects/$projectId/talk", params: { projectId: hit.room } } as const)
    : ({ to: "/rooms/$roomId", params: { roomId: hit.room } } as const);
  return (
    <Link {...place} search={{ thread: hit.id }} onClick={onChosen} className={look}>
      <MessageSquare aria-label="Message" /> {body}
    </Link>
  );
}
