import { useNavigate } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";

import { ThreadPanel } from "#/features/rooms/thread-panel";
import { Timeline } from "#/features/rooms/timeline";
import { useProject } from "#/features/tasks/use-project";
import { Empty } from "#/ui/states";

/** A project's own conversation. */
export function TalkPage({ projectId, thread }: { projectId: string; thread: string | undefined }) {
  const navigate = useNavigate();
  const view = useProject(projectId);
  const { canTalk, canManage } = view.access;
  const show = (id: string | undefined) =>
    void navigate({
      to: "/projects/$projectId/talk",
      params: { projectId },
      search: id ? { thread: id } : {},
    });
  return (
    <div className="flex min-h-0 flex-1">
      <Timeline
        view={view}
        scope={{}}
        canTalk={canTalk}
        canManage={canManage}
        label={`Conversation of ${view.project?.name ?? "the project"}`}
        placeholder={`Message ${view.project?.name ?? "the project"}`}
        onThread={show}
        empty={
          <Empty icon={MessagesSquare} title="Talk about the project">
            Everyone in the project reads along. What concerns one task is better said as a comment there.
          </Empty>
        }
      />
      {thread && (
        <ThreadPanel
          key={thread}
          view={view}
          thread={thread}
          canTalk={canTalk}
          canManage={canManage}
          onClose={() => show(undefined)}
        />
      )}
    </div>
  );
}
