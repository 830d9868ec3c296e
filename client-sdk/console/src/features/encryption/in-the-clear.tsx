import { Eye, EyeOff } from "lucide-react";
import type { ReactNode } from "react";

import { Panel } from "#/ui/panel";

const SEEN: readonly string[] = [
  "who writes when, and in which room",
  "who the members are, their roles, and how many devices they have",
  "which agents take part, and whose they are",
  "how long each message is, in steps of 64 bytes, and how large each file",
  "ids and versions of messages, tasks and files, so that two changes do not cross, and which of them a message is about",
  "who is here, who is typing, and how far each has read",
  "the addresses that you connect from",
];

const UNSEEN: readonly string[] = [
  "the room's name",
  "what is said, edited, reacted and commented",
  "tasks: titles, texts, states, who has them, what waits for what",
  "files: their content, names and kinds",
  "what you search for: that happens on your device",
];

/** What the server learns all the same, said to those whom it concerns. */
export function InTheClear() {
  return (
    <Panel title="What is in the clear" note="Encryption hides what is said, not that it is said.">
      <div className="grid gap-5 sm:grid-cols-2">
        <List icon={<Eye aria-hidden />} title="The server sees" items={SEEN} />
        <List icon={<EyeOff aria-hidden />} title="It does not see" items={UNSEEN} />
      </div>
      <div className="mt-4 flex flex-col gap-2 border-t pt-3 text-xs text-ink-2">
        <p>
          <strong className="font-medium text-ink">The code of this page comes from the server.</strong>{" "}
          Whoever operates it could send a page that gives keys away. Programs that use a pinned package do
          not depend on that.
        </p>
        <p>
          <strong className="font-medium text-ink">There has been no external audit.</strong> Design and code
          were tested by nobody outside the project.
        </p>
        <p>
          <strong className="font-medium text-ink">The inbox hears of little.</strong> Questions of agents
          come in there; mentions, answers and assignments in encrypted rooms do not, for the server cannot
          read them. The menu shows where something new was said.
        </p>
        <p>
          The server can hold messages back. It cannot change, forge or reorder them without the devices
          noticing. Members, agents among them, can pass on what they read, and a stolen unlocked device reads
          until it is put out.
        </p>
      </div>
    </Panel>
  );
}

function List({ icon, title, items }: { icon: ReactNode; title: string; items: readonly string[] }) {
  return (
    <div>
      <h3 className="mb-1.5 flex items-center gap-1.5 text-xs font-medium [&>svg]:size-3.5 [&>svg]:text-ink-3">
        {icon} {title}
      </h3>
      <ul className="flex list-disc flex-col gap-1 pl-5 text-xs text-ink-2">
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}
