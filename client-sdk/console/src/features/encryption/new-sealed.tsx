import type { Form as RoomForm, SealedPolicy } from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import { LockKeyhole, LockKeyholeOpen } from "lucide-react";
import { type ReactNode, useState } from "react";

import { messageOf } from "#/app/errors";
import { DialogBody } from "#/ui/dialog";
import { CheckField, DialogForm, SelectField, TextField, useSubmission } from "#/ui/form";

import { KeyedPeoplePicker } from "./keyed-people-picker";
import { Setup } from "./setup";
import { useSealed } from "./use-sealed";
import { ADDER_CHOICES, HISTORY_CHOICES } from "./words";

interface ChoiceProps {
  value: boolean;
  onChange: (encrypted: boolean) => void;
}

/** The first question about a new room: who shall be able to read it. It cannot be changed later. */
export function EncryptionChoice({ value, onChange }: ChoiceProps) {
  return (
    <fieldset className="grid grid-cols-2 gap-2 px-5 pt-4">
      <legend className="sr-only">Who can read it</legend>
      <Option
        icon={<LockKeyholeOpen aria-hidden />}
        title="Open"
        note="The server reads along: search, agents, schedules and previews work in full."
        chosen={!value}
        onChoose={() => onChange(false)}
      />
      <Option
        icon={<LockKeyhole aria-hidden />}
        title="Encrypted"
        note="Only its members' devices can read it. This cannot be changed later."
        chosen={value}
        onChoose={() => onChange(true)}
      />
    </fieldset>
  );
}

interface OptionProps {
  icon: ReactNode;
  title: string;
  note: string;
  chosen: boolean;
  onChoose: () => void;
}

function Option({ icon, title, note, chosen, onChoose }: OptionProps) {
  return (
    <label className="relative flex flex-col gap-1 rounded-lg border border-line-strong/80 p-3 hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent">
      <input
        type="radio"
        name="encrypted"
        aria-label={title}
        checked={chosen}
        onChange={onChoose}
        className="absolute inset-0 size-full opacity-0"
      />
      <span className="flex items-center gap-1.5 font-medium [&>svg]:size-3.5">
        {icon} {title}
      </span>
      <span className="text-xs text-ink-2">{note}</span>
    </label>
  );
}

interface NewSealedProps {
  form: RoomForm;
  done: () => void;
}

/** Makes an encrypted conversation or project; has keys made first, if there are none. */
export function NewSealed(props: NewSealedProps) {
  return (
    <Setup frame={(step) => <DialogBody>{step}</DialogBody>}>
      <Form {...props} />
    </Setup>
  );
}

function Form({ form, done }: NewSealedProps) {
  const sealed = useSealed();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [history, setHistory] = useState<SealedPolicy["history"]>("from_join");
  const [whoAdd, setWhoAdd] = useState<SealedPolicy["whoAdd"]>("admins");
  const [ephemeral, setEphemeral] = useState(false);
  const project = form === "project";
  const { busy, error, onSubmit } = useSubmission(async () => {
    const id = await sealed.createRoom({
      form,
      name: name.trim(),
      members: chosen.map((memberId) => ({ memberId, role: "member" })),
      history,
      whoAdd,
      retention: ephemeral ? "ephemeral" : "keep",
    });
    done();
    await (project
      ? navigate({ to: "/projects/$projectId", params: { projectId: id } })
      : navigate({ to: "/rooms/$roomId", params: { roomId: id } }));
  });
  return (
    <DialogForm
      action={project ? "Create encrypted project" : "Create encrypted conversation"}
      busy={busy}
      disabled={!name.trim()}
      onSubmit={onSubmit}
      onCancel={done}
    >
      <TextField
        label="Name"
        hint="Encrypted like everything in it."
        error={error ? messageOf(error) : null}
        value={name}
        onChange={setName}
        required
        maxLength={100}
        placeholder={project ? "Spring launch" : "design"}
      />
      <KeyedPeoplePicker label="Members" chosen={chosen} onChange={setChosen} />
      {!ephemeral && (
        <SelectField label="Newcomers read" value={history} onChange={setHistory} choices={HISTORY_CHOICES} />
      )}
      <SelectField label="Who adds members" value={whoAdd} onChange={setWhoAdd} choices={ADDER_CHOICES} />
      <CheckField
        label="Ephemeral"
        hint="Devices delete keys after use, so that nobody can read later what was said. No history on new devices."
        value={ephemeral}
        onChange={setEphemeral}
      />
    </DialogForm>
  );
}
