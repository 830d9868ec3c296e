import { useRef, useState } from "react";
import { v7 as uuidv7 } from "uuid";

import { useClient, useMe } from "#/app/client";
import { act } from "#/app/errors";
import { sendMessage } from "#/features/rooms/actions";
import { Composer } from "#/features/rooms/composer";
import { MessageItem } from "#/features/rooms/message-item";
import { showMessage, useReveal, useWanted } from "#/features/rooms/reveal";
import { walkMessages } from "#/features/rooms/walk";
import { usePeopleOf } from "#/features/rooms/people";
import { useMessages } from "#/features/rooms/use-messages";
import { Button } from "#/ui/button";
import { Spinner } from "#/ui/spinner";
import { useStable } from "#/ui/use-stable";

import type { TaskProps } from "./task-view";

/** What has been said about a task. */
export function TaskComments({ task, view }: TaskProps) {
  const client = useClient();
  const me = useMe();
  const [editing, setEditing] = useState<string | null>(null);
  const { people, nameOf, isAgent, trustOf } = usePeopleOf(view);
  const { messages, hasOlder, loadOlder, loading, error } = useMessages(view, { task: task.id });
  const list = useRef<HTMLOListElement>(null);
  const wanted = useWanted();
  const show = useStable((id: string) => showMessage(list.current, id));
  useReveal(wanted, messages, hasOlder && !loading && !error ? loadOlder : null, show);
  const send = (text: string) =>
    act(
      sendMessage(client, uuidv7(), me.id, { room: view.id, task_id: task.id }, text),
      "The comment could not be sent",
    );
  return (
    <div>
      {loading && <Spinner />}
      {error && <p className="text-xs text-danger">{error.message}</p>}
      {hasOlder && !loading && (
        <Button size="sm" look="ghost" onClick={loadOlder}>
          Earlier comments
        </Button>
      )}
      <ol ref={list} onKeyDown={walkMessages} className="-mx-4 mb-3">
        {messages.map((message, index) => (
          <MessageItem
            key={message.id}
            message={message}
            name={nameOf(message.author_id)}
            agent={isAgent(message.author_id)}
            trust={trustOf(message.author_id)}
            people={people}
            nameOf={nameOf}
            continued={false}
            canTalk={view.access.canTalk}
            canManage={view.access.canManage}
            editing={editing === message.id}
            found={wanted === message.id}
            tabbable={index === messages.length - 1}
            onEdit={setEditing}
            onThread={undefined}
          />
        ))}
      </ol>
      {view.access.canTalk ? (
        <Composer
          key={task.id}
          draftKey={`comment ${task.id}`}
          label="Comment"
          placeholder="Comment…"
          people={people}
          lines
          onSend={send}
        />
      ) : (
        messages.length === 0 && <p className="text-sm text-ink-3">Nobody has commented.</p>
      )}
    </div>
  );
}
