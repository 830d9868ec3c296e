import type { Budget, BudgetPeriod } from "@ymera/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useClient } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { moneyFrom, moneyOf, percentOf } from "#/ui/amounts";
import { Button } from "#/ui/button";
import { Dialog } from "#/ui/dialog";
import { DialogForm, SelectField, TextField, useSubmission } from "#/ui/form";
import { Meter } from "#/ui/meter";
import { Panel } from "#/ui/panel";
import { Skeleton } from "#/ui/states";

/** Of a project or of an agent. */
export type Spender = { project_id: string } | { agent_id: string };

const PERIOD_NAMES: Readonly<Record<BudgetPeriod, string>> = { month: "Each month", total: "In all" };

const KEY = "budgets";

/** What may be spent, what is spent, and what is reserved by runs that go on. */
export function BudgetPanel({ spender, editable }: { spender: Spender; editable: boolean }) {
  const client = useClient();
  const [setting, setSetting] = useState<Budget | "new" | null>(null);
  const budgets = useQuery({
    queryKey: [KEY, spender],
    queryFn: () => client.call("budget.list", spender).then(({ items }) => items),
    refetchInterval: 15_000,
  });
  return (
    <Panel
      title="Budget"
      note="Reserved before a run starts, and never exceeded."
      action={
        editable &&
        (budgets.data?.length ?? 0) < 2 && (
          <Button size="sm" onClick={() => setSetting("new")}>
            Set a limit
          </Button>
        )
      }
    >
      {budgets.isPending && <Skeleton className="h-8" />}
      {budgets.isError && <p className="text-danger">{messageOf(budgets.error)}</p>}
      {budgets.data?.length === 0 && <p className="text-ink-3">No limit.</p>}
      <ul className="flex flex-col gap-4 empty:hidden">
        {budgets.data?.map((budget) => (
          <BudgetRow
            key={budget.period}
            budget={budget}
            spender={spender}
            {...(editable && { onChange: () => setSetting(budget) })}
          />
        ))}
      </ul>
      <Dialog
        open={setting !== null}
        onOpenChange={() => setSetting(null)}
        title="Limit what may be spent"
        description="When it is used up, nothing more starts, and a run that would exceed it fails."
      >
        <Form
          spender={spender}
          before={setting === "new" ? null : setting}
          taken={budgets.data?.map(({ period }) => period) ?? []}
          done={() => setSetting(null)}
        />
      </Dialog>
    </Panel>
  );
}

function BudgetRow({
  budget,
  spender,
  onChange,
}: {
  budget: Budget;
  spender: Spender;
  onChange?: () => void;
}) {
  const client = useClient();
  const queries = useQueryClient();
  const used = budget.spent + budget.reserved;
  const share = budget.limit > 0 ? used / budget.limit : 1;
  const lift = async () => {
    await client.call("budget.set", { ...spender, period: budget.period, limit: null });
    await queries.invalidateQueries({ queryKey: [KEY] });
  };
  return (
    <li>
      <p className="mb-1.5 flex items-center gap-2">
        <span className="font-medium">{PERIOD_NAMES[budget.period]}</span>
        <span className="min-w-0 flex-1 truncate text-xs text-ink-2 tabular">
          {moneyOf(budget.spent)} spent
          {budget.reserved > 0 && `, ${moneyOf(budget.reserved)} reserved`}, of {moneyOf(budget.limit)}
        </span>
        {onChange && (
          <>
            <Button size="sm" look="ghost" onClick={onChange}>
              Change
            </Button>
            <Button size="sm" look="ghost" onClick={() => act(lift(), "The limit could not be lifted")}>
              Lift
            </Button>
          </>
        )}
      </p>
      <Meter
        label={`Used of the budget, ${PERIOD_NAMES[budget.period].toLowerCase()}`}
        share={share}
        words={`${percentOf(share)} of ${moneyOf(budget.limit)}`}
        tone={share >= 1 ? "danger" : share >= 0.8 ? "warn" : "accent"}
      />
    </li>
  );
}

interface FormProps {
  spender: Spender;
  before: Budget | null;
  taken: readonly BudgetPeriod[];
  done: () => void;
}

function Form({ spender, before, taken, done }: FormProps) {
  const client = useClient();
  const queries = useQueryClient();
  const free = (["month", "total"] as const).filter((each) => !taken.includes(each));
  const [period, setPeriod] = useState<BudgetPeriod>(before?.period ?? free[0] ?? "month");
  const [text, setText] = useState(before ? String(before.limit / 1_000_000) : "");
  const limit = moneyFrom(text);
  const { busy, error, onSubmit } = useSubmission(async () => {
    if (limit === null || limit === undefined) return;
    await client.call("budget.set", { ...spender, period, limit });
    await queries.invalidateQueries({ queryKey: [KEY] });
    done();
  });
  return (
    <DialogForm
      action="Set limit"
      busy={busy}
      disabled={limit === null || limit === undefined}
      onSubmit={onSubmit}
      onCancel={done}
    >
      {!before && (
        <SelectField
          label="Period"
          hint={period === "month" ? "Calendar months, UTC." : undefined}
          value={period}
          onChange={setPeriod}
          choices={free.map((each) => [each, PERIOD_NAMES[each]])}
        />
      )}
      <TextField
        label="Limit"
        hint="In the currency that you reckon in."
        error={limit === undefined ? "Give an amount, such as 12.50." : error ? messageOf(error) : null}
        inputMode="decimal"
        value={text}
        onChange={setText}
        placeholder="25.00"
      />
    </DialogForm>
  );
}
