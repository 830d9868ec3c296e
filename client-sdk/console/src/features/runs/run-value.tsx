import { Code } from "#/ui/copy-field";
import { Section } from "#/ui/section";

/** What went into a run, or came of it, as JSON. */
export function RunValue({ title, value }: { title: string; value: unknown }) {
  if (value === undefined || value === null) return null;
  return (
    <Section title={title}>
      <Code label={`${title} as JSON`} text={JSON.stringify(value, null, 2)} />
    </Section>
  );
}
