import type { Question } from "@ymera/client";
import { Check, X } from "lucide-react";
import { useState } from "react";

import { moneyOf } from "#/ui/amounts";
import { Button } from "#/ui/button";
import { Code } from "#/ui/copy-field";
import { momentOf } from "#/ui/dates";
import { Fact, Facts } from "#/ui/facts";
import { AreaField } from "#/ui/form";

import { Refusal } from "./answers";
import type { SendAnswer } from "./question-card";

/** Exactly what is to be approved. */
export function ApprovalSubject({ question }: { question: Question }) {
  return (
    <div className="mt-3 flex flex-col gap-3 rounded-md border bg-panel p-3">
      <Facts>
        <Fact name="Action">
          <span className="font-mono text-xs break-all">{question.action}</span>
        </Fact>
        <Fact name="Costs at most">{question.ceiling === null ? "Not said" : moneyOf(question.ceiling)}</Fact>
        <Fact name="Expires">{question.expires_at === null ? "Never" : momentOf(question.expires_at)}</Fact>
        {question.arguments_hash && (
          <Fact name="Fingerprint">
            <span className="font-mono text-2xs break-all text-ink-2" title="SHA-256 of the arguments">
              {question.arguments_hash}
            </span>
          </Fact>
        )}
      </Facts>
      <Code label="Arguments" text={JSON.stringify(question.arguments ?? {}, null, 2)} />
    </div>
  );
}

/** Yes or no, to exactly this, once. */
export function ApprovalAnswer({ send }: { send: SendAnswer }) {
  const [comment, setComment] = useState("");
  const [sending, setSending] = useState<"approve" | "deny" | null>(null);
  const [error, setError] = useState<unknown>(null);
  const decide = async (approved: boolean) => {
    setSending(approved ? "approve" : "deny");
    setError(null);
    try {
      await send(approved, comment.trim());
    } catch (refusal) {
      setError(refusal);
    } finally {
      setSending(null);
    }
  };
  return (
    <div className="mt-3 flex flex-col gap-2.5">
      <AreaField
        label="Comment (optional)"
        value={comment}
        onChange={setComment}
        maxLength={2_000}
        minRows={1}
        maxRows={6}
      />
      <Refusal error={error} />
      <div className="flex gap-2 [&_svg]:size-3.5">
        <Button
          look="primary"
          busy={sending === "approve"}
          disabled={sending !== null}
          onClick={() => void decide(true)}
        >
          <Check aria-hidden /> Approve
        </Button>
        <Button busy={sending === "deny"} disabled={sending !== null} onClick={() => void decide(false)}>
          <X aria-hidden /> Deny
        </Button>
      </div>
    </div>
  );
}
