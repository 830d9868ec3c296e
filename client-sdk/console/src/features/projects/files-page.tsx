import { useNavigate } from "@tanstack/react-router";

import { FileBrowser } from "#/features/files/file-browser";
import type { FilesSearch } from "#/features/files/search";
import { useProject } from "#/features/tasks/use-project";

/** A project's files. */
export function ProjectFilesPage({ projectId, search }: { projectId: string; search: FilesSearch }) {
  const navigate = useNavigate();
  const view = useProject(projectId);
  const { canEdit, canManage } = view.access;
  return (
    <FileBrowser
      view={view}
      title={view.project?.name ?? "the project"}
      canEdit={canEdit}
      canManage={canManage}
      search={search}
      onSearch={(change, replace = false) =>
        void navigate({
          to: "/projects/$projectId/files",
          params: { projectId },
          search: (before: FilesSearch) => ({ ...before, ...change }),
          replace,
        })
      }
    />
  );
}
