"""Roles compare by rank, whatever the alphabet says."""

from itertools import combinations

import pytest

from protocol.roles import RoomRole, WorkspaceRole


@pytest.mark.parametrize("roles", [WorkspaceRole, RoomRole])
def test_a_role_is_below_each_one_declared_after_it(
    roles: type[WorkspaceRole] | type[RoomRole],
) -> None:
    for low, high in combinations(roles, 2):
        assert low < high
        assert low <= high
        assert high > low
        assert high >= low
        assert not any((low > high, low >= high, high < low, high <= low))
    assert all(role <= role and role >= role for role in roles)  # noqa: PLR0124 -- reflexive
