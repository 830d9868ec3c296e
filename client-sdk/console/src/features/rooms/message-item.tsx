import type { Message, Trust } from "@ymera/client";
import clsx from "clsx";
import { Clock, Ellipsis, MessageSquareReply, Pencil, SmilePlus, Trash2 } from "lucide-react";
import { memo, useState } from "react";

import { useClient, useMe } from "#/app/client";
import { act } from "#/app/errors";
import { AuthorMark } from "#/features/encryption/trust-mark";
import { Attachments } from "#/features/files/attachments";
import { Avatar } from "#/ui/avatar";
import { IconButton } from "#/ui/button";
import { Confirm } from "#/ui/dialog";
import { momentOf, shortTimeOf, timeOf } from "#/ui/dates";
import { Prose } from "#/ui/markdown";
import { Menu, MenuItem } from "#/ui/menu";
import { Tip } from "#/ui/tip";
import { useTouched } from "#/ui/use-touched";

import { deleteMessage, editMessage, isPending, toggleReaction } from "./actions";
import { Composer } from "./composer";
import { EmojiPicker } from "./emoji";
import type { Person } from "./mentions";

interface MessageItemProps {
  message: Message;
  /** Of the author. */
  name: string;
  agent: boolean;
  /** In an encrypted room: whether the author is known to be who they seem. */
  trust: Trust | null;
  people: readonly Person[];
  nameOf: (id: string) => string;
  /** True: stands under a message of the same author. */
  continued: boolean;
  canTalk: boolean;
  canManage: boolean;
  editing: boolean;
  /** True: it is the one that was looked for. */
  found: boolean;
  tabbable: boolean;
  onEdit: (id: string | null) => void;
  onThread: ((id: string) => void) | undefined;
}

export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  const { message, name, agent, continued, editing, nameOf } = props;
  const pending = isPending(message);
  const { touched, ...touch } = useTouched();
  const opensThread = message.reply_count > 0 && props.onThread;
  return (
    <li>
      <article
        data-message={message.id}
        aria-current={props.found || undefined}
        // One stop for the Tab key; the arrow keys lead on to the others.
        tabIndex={props.tabbable ? 0 : -1}
        {...touch}
        aria-label={`${name}, ${timeOf(message.created_at)}`}
        className={clsx(
          "group relative flex gap-3 px-4 hover:bg-hover focus-visible:-outline-offset-2 has-[[data-state=open]]:bg-hover",
          continued ? "py-0.5" : "mt-2 py-1",
          pending && "opacity-60",
          props.found && "bg-accent-soft",
        )}
      >
        <div className="w-7 shrink-0 pt-0.5">
          {continued ? (
            <time
              dateTime={message.created_at}
              className="invisible block pt-0.5 text-[0.625rem] whitespace-nowrap text-ink-3 tabular group-hover:visible"
            >
              {shortTimeOf(message.created_at)}
            </time>
          ) : (
            <Avatar id={message.author_id} name={name} size="md" agent={agent} />
          )}
        </div>
        <div className="min-w-0 flex-1">
          {!continued && (
            <p className="flex items-baseline gap-2">
              <span className="font-semibold">{name}</span>
              <AuthorMark trust={props.trust} />
              <time
                dateTime={message.created_at}
                title={momentOf(message.created_at)}
                className="text-2xs text-ink-3 tabular"
              >
                {timeOf(message.created_at)}
              </time>
            </p>
          )}
          {editing ? <Editor {...props} /> : <Text message={message} pending={pending} />}
          <Attachments message={message} />
          <Reactions message={message} nameOf={nameOf} canTalk={props.canTalk} />
          {opensThread && (
            <button
              type="button"
              onClick={() => opensThread(message.id)}
              className="mt-1 inline-flex items-center gap-1.5 rounded-md py-0.5 text-xs font-medium text-accent hover:underline"
            >
              <MessageSquareReply aria-hidden className="size-3.5" />
              {message.reply_count} {message.reply_count === 1 ? "reply" : "replies"}
            </button>
          )}
        </div>
        {touched && props.canTalk && !pending && !message.deleted && !editing && <Toolbar {...props} />}
      </article>
    </li>
  );
});

function Text({ message, pending }: { message: Message; pending: boolean }) {
  return (
    <div className="text-base">
      {message.deleted ? (
        <p className="text-ink-3 italic">This message was deleted.</p>
      ) : (
        message.text && <Prose text={message.text} />
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
  );
}

function Editor({ message, people, onEdit }: MessageItemProps) {
  const client = useClient();
  const save = (text: string) => {
    onEdit(null);
    if (text !== message.text) act(editMessage(client, message, text), "The message could not be changed");
  };
  return (
    <div className="my-1">
      <Composer
        label="Edit the message"
        placeholder=""
        people={people}
        initial={message.text}
        focused
        onSend={save}
        onCancel={() => onEdit(null)}
      />
      <p className="mt-1 text-2xs text-ink-3">Enter saves, Esc cancels</p>
    </div>
  );
}

function Toolbar({ message, canManage, onEdit, onThread }: MessageItemProps) {
  const client = useClient();
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const mine = message.author_id === me.id;
  const react = (emoji: string) =>
    act(toggleReaction(client, message, me.id, emoji), "The reaction could not be added");
  return (
    <div className="absolute -top-3 right-4 flex rounded-md bg-raised shadow-pop invisible transition-[visibility] duration-150 group-focus-within:visible group-hover:visible has-[[data-state=open]]:visible">
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
              <span className="emoji">{emoji}</span> {ids.length}
            </button>
          </Tip>
        </li>
      ))}
    </ul>
  );
}
