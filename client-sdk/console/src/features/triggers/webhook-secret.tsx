import type { TriggerMade } from "@ymera/client";

import { CopyBlock, CopyField } from "#/ui/copy-field";
import { ShownOnce } from "#/ui/shown-once";

interface Props {
  made: TriggerMade & { url: string; secret: string };
  done: () => void;
}

/** A webhook's address and secret, this once, and how to sign with it. */
export function WebhookSecret({ made, done }: Props) {
  return (
    <ShownOnce done={done}>
      <CopyField label="Address" value={made.url} note="Requests are posted here, with JSON as their body." />
      <CopyField
        label="Secret"
        value={made.secret}
        note="Copy it now. It cannot be shown again. Standard Webhooks and GitHub sign with it as it is."
      />
      <CopyBlock label="A signed request" text={exampleOf(made.url, made.secret)} />
    </ShownOnce>
  );
}

/** A request as a shell sends it, signed the way GitHub does. */
export function exampleOf(url: string, secret: string): string {
  return `BODY='{"hello": "world"}'
SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha256 -hmac '${secret}' | sed 's/.* //')
curl -X POST ${url} \\
  -H 'Content-Type: application/json' \\
  -H "X-GitHub-Delivery: $(date +%s%N)" \\
  -H "X-Hub-Signature-256: sha256=$SIGNATURE" \\
  --data "$BODY"`;
}
