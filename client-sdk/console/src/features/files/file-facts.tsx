import type { FileDetails, Finding } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { KeyRound, ShieldAlert } from "lucide-react";

import { bytesOf, percentOf } from "#/ui/amounts";
import { momentOf } from "#/ui/dates";
import { Fact, Facts } from "#/ui/facts";
import { Section } from "#/ui/section";

import { FileBadges } from "./badges";
import { Thumbnail } from "./kind-icon";
import { QualityParts } from "./quality";
import { useSimilar } from "./use-files";

interface FileFactsProps {
  details: FileDetails;
  nameOf: (id: string) => string;
  onOpen: (fileId: string) => void;
}

/** What is known of a file: where it comes from, what was read from it, what it is like. */
export function FileFacts({ details, nameOf, onOpen }: FileFactsProps) {
  const { file, description } = details;
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap gap-1 empty:hidden">
        <FileBadges file={file} />
      </div>
      <General details={details} nameOf={nameOf} />
      <Unread error={description?.error} />
      {description && <Findings findings={description.findings} />}
      {description?.quality && (
        <Section title="Quality">
          <QualityParts quality={description.quality} />
        </Section>
      )}
      {description && <Metadata metadata={description.metadata} />}
      <Similar fileId={file.id} onOpen={onOpen} />
    </div>
  );
}

/** What is known of a file in an encrypted room: by the word of whoever has brought it. */
export function SealedFacts({ details, nameOf }: Omit<FileFactsProps, "onOpen">) {
  const { description } = details;
  return (
    <div className="flex flex-col gap-6">
      <General details={details} nameOf={nameOf} />
      <Unread error={description?.error} />
      {description && <Metadata metadata={description.metadata} />}
    </div>
  );
}

function Unread({ error }: { error: string | undefined }) {
  if (!error) return null;
  return <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">It could not be read: {error}</p>;
}

/** What a file says of itself. */
function General({ details: { file, version, description }, nameOf }: Omit<FileFactsProps, "onOpen">) {
  return (
    <Facts>
      <Fact name="Folder">{file.folder || "None"}</Fact>
      <Fact name="Type">{version.media_type}</Fact>
      <Fact name="Size">
        {bytesOf(version.bytes)} <span className="text-ink-3 tabular">({version.bytes} bytes)</span>
      </Fact>
      <Fact name="Created">
        {momentOf(file.created_at)} by {nameOf(file.created_by)}
      </Fact>
      {file.number > 1 && (
        <Fact name="Version">
          {version.number}, {momentOf(version.created_at)} by {nameOf(version.created_by)}
        </Fact>
      )}
      {description?.language && <Fact name="Language">{languageOf(description.language)}</Fact>}
      {description?.pages ? <Fact name="Pages">{description.pages}</Fact> : null}
      {file.task_id && (
        <Fact name="Task">
          <Link
            to="/projects/$projectId/tasks/$taskId"
            params={{ projectId: file.room, taskId: file.task_id }}
            className="link"
          >
            Go to the task
          </Link>
        </Fact>
      )}
      {version.run_id && (
        <Fact name="Made by">
          <Link
            to="/projects/$projectId/runs/$runId"
            params={{ projectId: file.room, runId: version.run_id }}
            className="link"
          >
            A run of {nameOf(version.created_by)}
          </Link>
        </Fact>
      )}
      <Fact name="SHA-256">
        <span className="font-mono text-2xs break-all select-text">{version.sha256}</span>
      </Fact>
    </Facts>
  );
}

const LANGUAGES = new Intl.DisplayNames(undefined, { type: "language" });

function languageOf(code: string): string {
  try {
    return LANGUAGES.of(code) ?? code;
  } catch {
    return code;
  }
}

function Findings({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <Section title="Findings">
      <ul className="flex flex-col gap-1.5">
        {findings.map((finding, index) => (
          <li
            key={index}
            className="flex items-center gap-2 rounded-md bg-danger-soft px-3 py-2 text-sm text-danger"
          >
            {finding.kind === "secret" ? (
              <KeyRound aria-hidden className="size-4 shrink-0" />
            ) : (
              <ShieldAlert aria-hidden className="size-4 shrink-0" />
            )}
            <span>
              {finding.kind === "secret" ? "Looks like a secret" : "Malware"}: {finding.rule}
              {placeOf(finding)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function placeOf({ page, line }: Finding): string {
  const place = [page !== null && page > 1 && `page ${page}`, line !== null && `line ${line}`].filter(
    Boolean,
  );
  return place.length > 0 ? `, ${place.join(", ")}` : "";
}

const MAX_FACTS = 40;

function Metadata({ metadata }: { metadata: Readonly<Record<string, unknown>> }) {
  const facts = Object.entries(metadata)
    .map(([name, value]) => [name, inWords(value)] as const)
    .filter(([, words]) => words !== "")
    .slice(0, MAX_FACTS);
  if (facts.length === 0) return null;
  return (
    <Section title="In the file">
      <Facts>
        {facts.map(([name, words]) => (
          <Fact key={name} name={named(name)}>
            {words}
          </Fact>
        ))}
      </Facts>
    </Section>
  );
}

function named(key: string): string {
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value.trim().slice(0, 500);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.map(inWords).filter(Boolean).join(", ").slice(0, 500);
  return JSON.stringify(value).slice(0, 500);
}

function Similar({ fileId, onOpen }: { fileId: string; onOpen: (fileId: string) => void }) {
  const similar = useSimilar(fileId);
  if (!similar.data || similar.data.length === 0) return null;
  return (
    <Section title="Similar files">
      <ul>
        {similar.data.map(({ file, likeness }) => (
          <li key={file.id} className="flex items-center gap-2.5 py-1">
            <Thumbnail file={file} />
            <button
              type="button"
              onClick={() => onOpen(file.id)}
              className="min-w-0 flex-1 truncate rounded-sm text-left text-sm font-medium hover:underline"
            >
              {file.name}
            </button>
            <span className="text-xs text-ink-3 tabular">
              {likeness >= 1 ? "the same content" : `${percentOf(likeness)} alike`}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
