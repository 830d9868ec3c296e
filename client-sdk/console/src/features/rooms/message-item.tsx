import type { Message } from "@ymera/client";
import clsx from "clsx";
import { Clock, Ellipsis, MessageSquareReply, Pencil, SmilePlus, Trash2 } from "lucide-react";
import { memo, useState } from "react";

import { useClient, useMe } from "#/app/client";
import { act } from "#/app/errors";
import { Avatar } from "#/ui/avatar";
import { IconButton } from "#/ui/button";
import { Confirm } from "#/ui/dialog";
import { momentOf, timeOf } from "#/ui/dates";
import { Prose } from "#/ui/markdown";
import { Menu, MenuItem } from "#/ui/menu";
import { Tip } from "#/ui/tip";

import { deleteMessage, editMessage, isPending, toggleReaction } from "./actions";
import { Composer } from "./composer";
import { EmojiPicker } from "./emoji";
import type { Person } from "./mentions";

interface MessageItemProps {
  message: Message;
  author: { name: string; agent: boolean };
  people: readonly Person[];
  nameOf: (id: string) => string;
  /** True: stands under a message of the same author. */
  continued: boolean;
  canTalk: boolean;
  canManage: boolean;
  editing: boolean;
  onEdit: (id: string | null) => void;
  onThread: ((id: string) => void) | undefined;
}

export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  const { message, author, continued, editing, nameOf } = props;
  const client = useClient();
  const pending = isPending(message);
  const save = (text: string) => {
    props.onEdit(null);
    if (text !== message.text) act(editMessage(client, message, text), "The message could not be changed");
  };
  return (
    <li
      data-message={message.id}
      className={clsx(
        "group relative flex gap-3 px-4 hover:bg-hover has-[[data-state=open]]:bg-hover",
        continued ? "py-0.5" : "mt-2 py-1",
        pending && "opacity-60",
      )}
    >
      <div className="w-7 shrink-0 pt-0.5">
        {continued ? (
          <time
            dateTime={message.created_at}
            className="hidden pt-0.5 text-[0.625rem] text-ink-3 tabular group-hover:block"
          >
            {timeOf(message.created_at)}
          </time>
        ) : (
          <Avatar id={message.author_id} name={author.name} size="md" agent={author.agent} />
        )}
      </div>
      <div className="min-w-0 flex-1">
        {!continued && (
          <p className="flex items-baseline gap-2">
            <span className="font-semibold">{author.name}</span>
            <time
              dateTime={message.created_at}
              title={momentOf(message.created_at)}
              className="text-2xs text-ink-3 tabular"
            >
              {timeOf(message.created_at)}
            </time>
          </p>
        )}
        {editing ? (
          <div className="my-1">
            <Composer
              label="Edit the message"
              placeholder=""
              people={props.people}
              initial={message.text}
              focused
              onSend={save}
              onCancel={() => props.onEdit(null)}
            />
            <p className="mt-1 text-2xs text-ink-3">Enter saves, Esc cancels</p>
          </div>
        ) : (
          <div className="text-base">
            {message.deleted ? (
              <p className="text-ink-3 italic">This message was deleted.</p>
            ) : (
              <Prose text={message.text} />
            )}
            {message.edited_at && !message.deleted && (
              <span className="text-2xs text-ink-3" title={momentOf(message.edited_at)}>
                edited
              </span>
            )}
            {pending && (
              <span className="inline-flex items-center gap-1 text-2xs text-ink-3">
                <Clock aria-hidden className="size-3" /> not sent yet
              </span>
            )}
          </div>
        )}
        <Reactions message={message} nameOf={nameOf} canTalk={props.canTalk} />
        {message.reply_count > 0 && props.onThread && (
          <button
            type="button"
            onClick={() => props.onThread?.(message.id)}
            className="mt-1 inline-flex items-center gap-1.5 rounded-md py-0.5 text-xs font-medium text-accent hover:underline"
          >
            <MessageSquareReply aria-hidden className="size-3.5" />
            {message.reply_count} {message.reply_count === 1 ? "reply" : "replies"}
          </button>
        )}
      </div>
      {props.canTalk && !pending && !message.deleted && !editing && <Toolbar {...props} />}
    </li>
  );
});

function Toolbar({ message, canManage, onEdit, onThread }: MessageItemProps) {
  const client = useClient();
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const mine = message.author_id === me.id;
  const react = (emoji: string) =>
    act(toggleReaction(client, message, me.id, emoji), "The reaction could not be added");
  return (
    <div className="absolute -top-3 right-4 flex rounded-md bg-raised opacity-0 shadow-pop group-hover:opacity-100 focus-within:opacity-100 has-[[data-state=open]]:opacity-100 pointer-coarse:opacity-100">
      <EmojiPicker
        onPick={react}
        trigger={
          <IconButton label="Add a reaction">
            <SmilePlus />
          </IconButton>
        }
      />
      {onThread && (
        <IconButton label="Reply in a thread" onClick={() => onThread(message.id)}>
          <MessageSquareReply />
        </IconButton>
      )}
      {(mine || canManage) && (
        <Menu
          align="end"
          label="Message actions"
          trigger={
            <IconButton label="More actions">
              <Ellipsis />
            </IconButton>
          }
        >
          {mine && (
            <MenuItem icon={<Pencil />} onSelect={() => onEdit(message.id)}>
              Edit
            </MenuItem>
          )}
          <MenuItem icon={<Trash2 />} danger onSelect={() => setAsking(true)}>
            Delete…
          </MenuItem>
        </Menu>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Delete this message?"
        description="Its text goes for everyone. Its place in the conversation stays."
        action="Delete message"
        onConfirm={() => act(deleteMessage(client, message), "The message could not be deleted")}
      />
    </div>
  );
}

function Reactions({
  message,
  nameOf,
  canTalk,
}: {
  message: Message;
  nameOf: (id: string) => string;
  canTalk: boolean;
}) {
  const client = useClient();
  const me = useMe();
  const entries = Object.entries(message.reactions).filter(([, ids]) => ids.length > 0);
  if (entries.length === 0) return null;
  return (
    <ul aria-label="Reactions" className="mt-1 flex flex-wrap gap-1">
      {entries.map(([emoji, ids]) => (
        <li key={emoji}>
          <Tip text={ids.map(nameOf).join(", ")}>
            <button
              type="button"
              disabled={!canTalk}
              aria-pressed={ids.includes(me.id)}
              aria-label={`${emoji}, ${ids.length}`}
              onClick={() =>
                act(toggleReaction(client, message, me.id, emoji), "The reaction could not be changed")
              }
              className="inline-flex h-6 items-center gap-1 rounded-full border border-line px-2 text-xs tabular hover:border-line-strong aria-pressed:border-accent/50 aria-pressed:bg-accent-soft aria-pressed:text-accent"
            >
              {emoji} {ids.length}
            </button>
          </Tip>
        </li>
      ))}
    </ul>
  );
}
