import { useQuery } from "@tanstack/react-query";
import { MessageSquareReply, X } from "lucide-react";

import { type RoomView, useClient } from "#/app/client";
import { Attachments } from "#/features/files/attachments";
import { Avatar } from "#/ui/avatar";
import { IconButton } from "#/ui/button";
import { momentOf } from "#/ui/dates";
import { Prose } from "#/ui/markdown";
import { SidePanel } from "#/ui/side-panel";
import { Empty } from "#/ui/states";

import { usePeopleOf } from "./people";
import { Timeline } from "./timeline";

interface ThreadPanelProps {
  view: RoomView;
  thread: string;
  /** The message that was looked for. */
  wanted: string | undefined;
  canTalk: boolean;
  canManage: boolean;
  onClose: () => void;
}

/** The answers to one message, beside the conversation. */
export function ThreadPanel({ view, thread, wanted, canTalk, canManage, onClose }: ThreadPanelProps) {
  return (
    <SidePanel label="Thread" onClose={onClose}>
      <header className="flex h-12 shrink-0 items-center gap-2 border-b px-4">
        <h2 className="flex-1 text-base font-semibold">Thread</h2>
        <IconButton label="Close the thread" keys="esc" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      <Timeline
        view={view}
        scope={{ thread }}
        wanted={wanted}
        canTalk={canTalk}
        canManage={canManage}
        label="Thread"
        placeholder="Reply…"
        opening={<Opening view={view} thread={thread} />}
        empty={
          <Empty icon={MessageSquareReply} title="No replies yet">
            Answers stay together here and leave the conversation uncluttered.
          </Empty>
        }
      />
    </SidePanel>
  );
}

function Opening({ view, thread }: { view: RoomView; thread: string }) {
  const client = useClient();
  const { nameOf, isAgent } = usePeopleOf(view);
  const live = view.state.messages[thread];
  const asked = useQuery({
    queryKey: ["thread-opening", view.id, thread],
    enabled: view.ready && !live,
    queryFn: () => findMessage(client.page("room.history", { room: view.id, limit: 200 }), thread),
  });
  const message = live ?? asked.data;
  if (!message) return null;
  const name = nameOf(message.author_id);
  return (
    <div className="flex gap-3 border-b px-4 py-3">
      <Avatar id={message.author_id} name={name} size="md" agent={isAgent(message.author_id)} />
      <div className="min-w-0 flex-1 text-base">
        <p className="flex items-baseline gap-2 text-sm">
          <span className="font-semibold">{name}</span>
          <time dateTime={message.created_at} className="text-2xs text-ink-3">
            {momentOf(message.created_at)}
          </time>
        </p>
        {message.deleted ? (
          <p className="text-ink-3 italic">This message was deleted.</p>
        ) : (
          <Prose text={message.text} />
        )}
        <Attachments message={message} />
      </div>
    </div>
  );
}

const MAX_LOOKED_AT = 2_000;

async function findMessage<M extends { id: string }>(
  messages: AsyncIterable<M>,
  id: string,
): Promise<M | null> {
  let seen = 0;
  for await (const message of messages) {
    if (message.id === id) return message;
    if (++seen >= MAX_LOOKED_AT) break;
  }
  return null;
}
