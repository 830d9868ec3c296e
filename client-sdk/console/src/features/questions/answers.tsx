import type { Question } from "@ymera/client";
import { useState } from "react";

import { messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { AreaField, useSubmission } from "#/ui/form";
import { SchemaForm, useSchemaForm } from "#/ui/schema-form";

import type { SendAnswer } from "./question-card";

/** What a server takes as a text. */
const MAX_TEXT = 20_000;

export function TextAnswer({ send }: { send: SendAnswer }) {
  const [text, setText] = useState("");
  const { busy, error, onSubmit } = useSubmission(() => send(text.trim()));
  return (
    <form onSubmit={onSubmit} className="mt-3 flex flex-col gap-2.5">
      <AreaField
        label="Your answer"
        error={error ? messageOf(error) : null}
        value={text}
        onChange={setText}
        maxLength={MAX_TEXT}
        minRows={2}
        maxRows={10}
      />
      <Button type="submit" look="primary" busy={busy} disabled={!text.trim()} className="self-start">
        Answer
      </Button>
    </form>
  );
}

export function ChoiceAnswer({ question, send }: { question: Question; send: SendAnswer }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const { busy, error, onSubmit } = useSubmission(() => send(chosen));
  return (
    <form onSubmit={onSubmit} className="mt-3 flex flex-col gap-2.5">
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-xs font-medium text-ink-2">Choose one</legend>
        {question.choices.map((choice) => (
          <label
            key={choice}
            className="flex items-start gap-2.5 rounded-md border px-3 py-2 text-sm hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft"
          >
            <input
              type="radio"
              name={question.id}
              checked={chosen === choice}
              onChange={() => setChosen(choice)}
              className="mt-0.5 size-4 accent-accent-solid"
            />
            {choice}
          </label>
        ))}
      </fieldset>
      <Refusal error={error} />
      <Button type="submit" look="primary" busy={busy} disabled={chosen === null} className="self-start">
        Answer
      </Button>
    </form>
  );
}

export function FormAnswer({ question, send }: { question: Question; send: SendAnswer }) {
  const form = useSchemaForm(question.form ?? {});
  const { busy, error, onSubmit } = useSubmission(async () => {
    const answer = form.read();
    if (answer) await send(answer);
  });
  return (
    <form onSubmit={onSubmit} className="mt-3 flex flex-col gap-3">
      <SchemaForm form={form} label="Your answer" />
      <Refusal error={error} />
      <Button type="submit" look="primary" busy={busy} className="self-start">
        Answer
      </Button>
    </form>
  );
}

/** What the server had against an answer. */
export function Refusal({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <p role="alert" className="text-xs text-danger">
      {messageOf(error)}
    </p>
  );
}
