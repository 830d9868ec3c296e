import { Dialog, DialogBody } from "#/ui/dialog";
import { Keys } from "#/ui/keys";

const SHEET: readonly { title: string; rows: readonly (readonly [keys: string, does: string])[] }[] = [
  {
    title: "Everywhere",
    rows: [
      ["mod+k", "Search and commands"],
      ["c", "New task"],
      ["?", "This sheet"],
      ["g i", "Go to the inbox"],
      ["g p", "Go to projects"],
      ["g c", "Go to conversations"],
      ["g a", "Go to agents"],
      ["g m", "Go to members"],
      ["g s", "Go to settings"],
      ["g b", "Back to the project's board"],
      ["g f", "Go to the project's files"],
      ["g q", "Go to the project's queue"],
    ],
  },
  {
    title: "On the board",
    rows: [
      ["up+down", "Walk through a column"],
      ["left+right", "Walk between columns"],
      ["enter", "Open the task"],
      ["space", "Pick the task up, and put it down"],
      ["up+down+left+right", "Carry a picked-up task"],
      ["esc", "Put it back where it was, or close the task"],
      ["n", "Add a task to this column"],
      ["/", "Search the board"],
    ],
  },
  {
    title: "While writing",
    rows: [
      ["enter", "Send a message"],
      ["shift+enter", "Start a new line"],
      ["mod+enter", "Save a description, send a comment"],
      ["@", "Mention someone"],
      ["up", "Edit your last message"],
    ],
  },
];

export function Help({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts" wide>
      <DialogBody className="grid! gap-x-10 gap-y-6 sm:grid-cols-2">
        {SHEET.map(({ title, rows }) => (
          <section key={title}>
            <h3 className="mb-2 text-xs font-medium text-ink-3">{title}</h3>
            <dl className="flex flex-col gap-1.5">
              {rows.map(([keys, does]) => (
                <div key={does} className="flex items-center justify-between gap-4">
                  <dt className="text-sm text-ink-2">{does}</dt>
                  <dd>
                    <Keys combo={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </DialogBody>
    </Dialog>
  );
}
