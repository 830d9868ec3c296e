import type { Priority } from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import { Ban, ListFilter, Search, Tag, UserRound, X } from "lucide-react";
import { type ReactNode, useMemo, useRef } from "react";

import { useShortcuts } from "#/app/shortcuts";
import { Avatar } from "#/ui/avatar";
import { Button } from "#/ui/button";
import { LabelDot } from "#/ui/chip";
import { PriorityGlyph } from "#/ui/glyphs";
import { Picker, type Option } from "#/ui/picker";

import { type Filters, isFiltered, NO_FILTERS, NOBODY, toggled } from "./filters";
import { labelsOf, PRIORITIES, PRIORITY_NAMES } from "./model";
import type { ProjectView } from "./use-project";

interface FilterBarProps {
  view: ProjectView;
  filters: Filters;
  children?: ReactNode;
}

type SetFilters = (next: Filters) => void;

/** Narrows what the board and the list show. */
export function FilterBar({ view, filters, children }: FilterBarProps) {
  const navigate = useNavigate();
  const set: SetFilters = (next) => {
    void navigate({
      to: "/projects/$projectId",
      params: { projectId: view.id },
      search: (before: Filters) => ({ ...before, ...next }),
      replace: true,
    });
  };
  return (
    <div role="search" aria-label="Filter tasks" className="flex flex-wrap items-center gap-1.5 px-4 pt-3">
      <Find value={filters.q ?? ""} onChange={(q) => set({ q: q || undefined })} />
      <Facets view={view} filters={filters} set={set} />
      <Button
        size="sm"
        look="ghost"
        aria-pressed={filters.blocked === true}
        onClick={() => set({ blocked: filters.blocked ? undefined : true })}
        className="border border-transparent aria-pressed:border-accent/40 aria-pressed:bg-accent-soft aria-pressed:text-accent"
      >
        <Ban aria-hidden className="size-3.5" /> Blocked
      </Button>
      {isFiltered(filters) && (
        <Button size="sm" look="ghost" onClick={() => set(NO_FILTERS)}>
          <X aria-hidden className="size-3.5" /> Clear
        </Button>
      )}
      <div className="ml-auto flex items-center gap-2">{children}</div>
    </div>
  );
}

function Find({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({ "/": () => input.current?.focus() });
  return (
    <div className="relative">
      <Search aria-hidden className="pointer-events-none absolute top-1.75 left-2 size-3.5 text-ink-3" />
      <input
        ref={input}
        type="search"
        aria-label="Find in titles"
        placeholder="Find…"
        value={value}
        maxLength={200}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
        className="h-7 w-40 rounded-md border border-line bg-transparent pr-2 pl-7 text-xs transition-[border-color] duration-100 hover:border-line-strong focus-visible:border-accent focus-visible:outline-none"
      />
    </div>
  );
}

const PRIORITY_OPTIONS = PRIORITIES.map((priority) => ({
  value: priority,
  label: PRIORITY_NAMES[priority],
  icon: <PriorityGlyph priority={priority} />,
}));

function Facets({ view, filters, set }: FilterBarProps & { set: SetFilters }) {
  const labels = useMemo(() => labelsOf(Object.values(view.tasks)), [view.tasks]);
  const people = view.people.map(({ id, name, kind }) => ({
    value: id,
    label: name,
    icon: <Avatar id={id} name={name} size="xs" agent={kind === "agent"} />,
  }));
  return (
    <>
      <Facet
        label="Assignee"
        icon={<UserRound />}
        options={[{ value: NOBODY, label: "Nobody" }, ...people]}
        values={filters.assignee}
        onChange={(assignee) => set({ assignee })}
      />
      <Facet
        label="Label"
        icon={<Tag />}
        options={labels.map((label) => ({ value: label, label, icon: <LabelDot label={label} /> }))}
        values={filters.label}
        onChange={(label) => set({ label })}
      />
      <Facet
        label="Priority"
        icon={<ListFilter />}
        options={PRIORITY_OPTIONS}
        values={filters.priority}
        onChange={(priority) => set({ priority: priority as Priority[] | undefined })}
      />
    </>
  );
}

interface FacetProps {
  label: string;
  icon: ReactNode;
  options: readonly Option[];
  values: readonly string[] | undefined;
  onChange: (values: string[] | undefined) => void;
}

function Facet({ label, icon, options, values, onChange }: FacetProps) {
  const names = options.filter(({ value }) => values?.includes(value)).map((option) => option.label);
  return (
    <Picker
      label={`Filter by ${label.toLowerCase()}`}
      placeholder={`${label}…`}
      multiple
      options={options}
      selected={values ?? []}
      onPick={(value) => onChange(toggled(values, value))}
      empty="None here yet."
      trigger={
        <Button
          size="sm"
          look="ghost"
          data-active={values ? "" : undefined}
          className="max-w-48 border border-dashed border-line text-ink-2 data-active:border-solid data-active:border-accent/40 data-active:bg-accent-soft data-active:text-accent [&>svg]:size-3.5"
        >
          {icon}
          <span className="truncate">{names.length > 0 ? `${label}: ${names.join(", ")}` : label}</span>
        </Button>
      }
    />
  );
}
