import type { SealedRole } from "@ymera/client";

import { messageOf } from "#/app/errors";
import { SelectField } from "#/ui/form";

import { type Rights, SEALED_ROLE_NAMES } from "./words";

interface RoleFieldProps {
  rights: Rights;
  error: unknown;
  value: SealedRole;
  onChange: (role: SealedRole) => void;
}

/** The role of who comes into an encrypted room, of those that one may give. */
export function RoleField({ rights, error, value, onChange }: RoleFieldProps) {
  return (
    <SelectField
      label="Role"
      error={error ? messageOf(error) : null}
      value={value}
      onChange={onChange}
      choices={rights.grants.map((each) => [each, SEALED_ROLE_NAMES[each]])}
    />
  );
}
