import type { Message, MessageFile } from "@ymera/client";
import { ArrowDown } from "lucide-react";
import { Fragment, type ReactNode, useMemo, useRef, useState } from "react";
import { v7 as uuidv7 } from "uuid";

import { type RoomView, useClient, useMe } from "#/app/client";
import { act } from "#/app/errors";
import { type Aside, atOf, type Row, rowsOf, seqOf } from "#/features/encryption/asides";
import { ChangeLine } from "#/features/encryption/change-line";
import { MarkLine } from "#/features/encryption/mark-line";
import { useAsides } from "#/features/encryption/use-asides";
import { useFileNews } from "#/features/files/use-files";
import { Button } from "#/ui/button";
import { dayHeading, sameDay } from "#/ui/dates";
import { Spinner } from "#/ui/spinner";
import { useStable } from "#/ui/use-stable";

import { isPending, sendMessage } from "./actions";
import { Composer } from "./composer";
import { MessageItem } from "./message-item";
import { continues } from "./model";
import { useReveal } from "./reveal";
import { useConversationScroll } from "./scroll";
import { TypingLine, useTypingSignal } from "./typing";
import { type Scope, useMessages } from "./use-messages";
import { useReadMarker } from "./read-marker";
import { usePeopleOf } from "./people";
import { walkMessages } from "./walk";

interface TimelineProps {
  view: RoomView;
  scope: Scope;
  /** The message that was looked for. */
  wanted: string | undefined;
  canTalk: boolean;
  canManage: boolean;
  label: string;
  placeholder: string;
  /** What to say where nothing has been said. */
  empty: ReactNode;
  /** Stands above the first message: the one that opened a thread. */
  opening?: ReactNode;
  onThread?: (id: string) => void;
}

/** A conversation: its messages, who types, and where to write. */
export function Timeline(props: TimelineProps) {
  const { view, scope, opening, wanted } = props;
  const list = useRef<HTMLDivElement>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const { messages, hasOlder, loadOlder, loading, error } = useMessages(view, scope);
  const asides = useAsides(view, scope);
  const rows = useMemo(() => rowsOf(messages, asides, hasOlder), [messages, asides, hasOlder]);
  const mayLoad = hasOlder && !loading && !error ? loadOlder : null;
  const { atEnd, onScroll, toEnd, show } = useConversationScroll(
    list,
    keyOf(rows[0]),
    keyOf(rows.at(-1)),
    mayLoad,
  );
  useReveal(wanted, messages, mayLoad, show);
  useFileNews(view.id);
  const firstUnread = useReadMarker(view, messages, scope, atEnd);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="relative min-h-0 flex-1">
        <div
          ref={list}
          onScroll={onScroll}
          tabIndex={0}
          role="log"
          aria-label={props.label}
          className="h-full overflow-y-auto pb-2 [overflow-anchor:none] focus-visible:-outline-offset-2"
        >
          <div className="flex min-h-full flex-col">
            {opening}
            <Older hasOlder={hasOlder} loading={loading} error={error} onLoad={loadOlder} />
            {messages.length === 0 && !asides.some(({ what }) => what === "marks") && !loading && props.empty}
            <Rows {...props} rows={rows} firstUnread={firstUnread} editing={editing} onEdit={setEditing} />
          </div>
        </div>
        {!atEnd && (
          <Button
            size="sm"
            onClick={toEnd}
            className="absolute bottom-2 left-1/2 -translate-x-1/2 rounded-full shadow-pop"
          >
            <ArrowDown aria-hidden className="size-3.5" /> To the newest
          </Button>
        )}
      </div>
      <Foot {...props} messages={messages} onSent={toEnd} onEdit={setEditing} />
    </div>
  );
}

type RowsProps = TimelineProps & {
  rows: readonly Row<Message>[];
  firstUnread: string | null;
  editing: string | null;
  onEdit: (id: string | null) => void;
};

function Rows({ view, rows, firstUnread, editing, onEdit, onThread, ...rest }: RowsProps) {
  const { people, nameOf, isAgent, trustOf } = usePeopleOf(view);
  const openThread = useStable((id: string) => onThread?.(id));
  const last = rows.findLast(isMessage)?.message.id;
  return (
    <ol onKeyDown={walkMessages} className={rest.opening ? undefined : "mt-auto"}>
      {rows.map((row, index) => {
        const before = rows[index - 1];
        const newDay = !before || !sameDay(timeOfRow(before), timeOfRow(row));
        const day = newDay && <Rule text={dayHeading(timeOfRow(row))} />;
        if (!isMessage(row))
          return (
            <Fragment key={keyOf(row)}>
              {day}
              <AsideLine aside={row.aside} nameOf={nameOf} trustOf={trustOf} />
            </Fragment>
          );
        const { message } = row;
        const unread = message.id === firstUnread;
        const above = before && isMessage(before) ? before.message : undefined;
        return (
          <Fragment key={message.id}>
            {day}
            {unread && <Rule text="New" accent />}
            <MessageItem
              message={message}
              name={nameOf(message.author_id)}
              agent={isAgent(message.author_id)}
              trust={trustOf(message.author_id)}
              people={people}
              nameOf={nameOf}
              continued={!newDay && !unread && continues(above, message)}
              canTalk={rest.canTalk}
              canManage={rest.canManage}
              editing={editing === message.id}
              found={rest.wanted === message.id}
              tabbable={message.id === last}
              onEdit={onEdit}
              onThread={onThread && openThread}
            />
          </Fragment>
        );
      })}
    </ol>
  );
}

type AsideLineProps = Pick<ReturnType<typeof usePeopleOf>, "nameOf" | "trustOf"> & { aside: Aside };

function AsideLine({ aside, ...people }: AsideLineProps) {
  return aside.what === "marks" ? <MarkLine group={aside} /> : <ChangeLine group={aside} {...people} />;
}

function isMessage(row: Row<Message>): row is { message: Message } {
  return row.aside === undefined;
}

function timeOfRow(row: Row<Message>): string {
  return isMessage(row) ? row.message.created_at : new Date(atOf(row.aside)).toISOString();
}

/** The same for a row as long as it stands there. */
function keyOf(row: Row<Message> | undefined): string | undefined {
  if (row === undefined) return undefined;
  return isMessage(row) ? row.message.id : `${row.aside.what} ${seqOf(row.aside)}`;
}

type FootProps = Pick<TimelineProps, "view" | "scope" | "canTalk" | "placeholder"> & {
  messages: readonly Message[];
  onSent: () => void;
  onEdit: (id: string) => void;
};

function Foot({ view, scope, canTalk, placeholder, messages, onSent, onEdit }: FootProps) {
  const client = useClient();
  const me = useMe();
  const { people, nameOf } = usePeopleOf(view);
  const signal = useTypingSignal(view.id, scope.thread);
  const send = (text: string, files: readonly MessageFile[]) => {
    signal(false);
    onSent();
    const where = { room: view.id, thread_id: scope.thread, task_id: scope.task };
    act(sendMessage(client, uuidv7(), me.id, where, text, files), "The message could not be sent");
  };
  const editLast = () => {
    const mine = messages.findLast(
      (message) => message.author_id === me.id && !message.deleted && !isPending(message),
    );
    if (mine) onEdit(mine.id);
  };
  const key = `${view.id} ${scope.thread ?? ""} ${scope.task ?? ""}`;
  return (
    <div className="shrink-0 px-4 pb-3">
      <TypingLine view={view} thread={scope.thread} nameOf={nameOf} />
      {canTalk ? (
        <Composer
          key={key}
          draftKey={key}
          label={placeholder}
          placeholder={placeholder}
          people={people}
          room={view.id}
          onSend={send}
          onTyping={() => signal(true)}
          onUp={editLast}
        />
      ) : (
        <p className="rounded-lg border border-dashed px-3 py-2.5 text-center text-xs text-ink-3">
          You can read here, but not write.
        </p>
      )}
    </div>
  );
}

function Older({
  hasOlder,
  loading,
  error,
  onLoad,
}: {
  hasOlder: boolean;
  loading: boolean;
  error: Error | null;
  onLoad: () => void;
}) {
  if (loading)
    return (
      <p role="status" className="flex items-center justify-center gap-2 py-3 text-xs text-ink-3">
        <Spinner /> Loading
      </p>
    );
  if (!hasOlder) return null;
  return (
    <div className="flex flex-col items-center gap-1 py-3">
      {error && <p className="text-xs text-danger">{error.message}</p>}
      <Button size="sm" look="ghost" onClick={onLoad}>
        Load older messages
      </Button>
    </div>
  );
}

function Rule({ text, accent = false }: { text: string; accent?: boolean }) {
  return (
    <li
      className={
        accent
          ? "mt-3 flex items-center gap-3 px-4 text-2xs font-semibold text-accent"
          : "mt-3 flex items-center gap-3 px-4 text-2xs font-medium text-ink-3"
      }
    >
      <span className={accent ? "h-px flex-1 bg-accent/40" : "h-px flex-1 bg-line"} />
      {text}
      <span className={accent ? "h-px flex-1 bg-accent/40" : "h-px flex-1 bg-line"} />
    </li>
  );
}
