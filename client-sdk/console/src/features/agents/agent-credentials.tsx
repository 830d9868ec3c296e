import { CopyBlock, CopyField } from "#/ui/copy-field";
import { ShownOnce } from "#/ui/shown-once";

import { environmentOf, PROGRAM } from "./snippet";

interface Props {
  name: string;
  token: string;
  /** True: also a program to start with. */
  withProgram: boolean;
  done: () => void;
}

/** An agent's token, this once, and what to do with it. */
export function AgentCredentials({ name, token, withProgram, done }: Props) {
  return (
    <ShownOnce done={done}>
      <CopyField label={`Token of ${name}`} value={token} note="Copy it now. It cannot be shown again." />
      <CopyBlock label="Environment" text={environmentOf(location.origin, token)} />
      {withProgram && (
        <>
          <CopyBlock label="agent.py" text={PROGRAM} />
          <p className="text-xs text-ink-3">
            With the Python package <code className="font-mono">ymera-client</code> installed, run{" "}
            <code className="font-mono">python agent.py</code>. It connects by itself, and says what it can
            do.
          </p>
        </>
      )}
    </ShownOnce>
  );
}
