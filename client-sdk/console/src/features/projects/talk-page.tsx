import { useNavigate } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";

import { Conversation } from "#/features/rooms/conversation";
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
    <Conversation
      view={view}
      canTalk={canTalk}
      canManage={canManage}
      label={`Conversation of ${view.project?.name ?? "the project"}`}
      placeholder={`Message ${view.project?.name ?? "the project"}`}
      thread={thread}
      onThread={show}
      empty={
        <Empty icon={MessagesSquare} title="Talk about the project">
          Everyone in the project reads along. What concerns one task is better said as a comment there.
        </Empty>
      }
    />
  );
}
