"""Every look-up of the linker finds its rows by an index, however large the tables are."""

from typing import Any

import pytest

from courrier.events.postgres.pool import Pool
from courrier.linker.adapters import (
    case_desk,
    directory,
    erasures,
    group_accounts,
    people,
    statements,
)
from courrier.linker.adapters.index import BY_INDEX

pytestmark = pytest.mark.integration

IDS = ["1" * 32, "2" * 32]
LOOK_UPS: list[tuple[str, list[Any]]] = [
    (statements.EMAILS, [IDS]),
    (statements.THREADS, [[1, 2]]),
    (statements.APART, [IDS, [1, 2]]),
    (statements.NAMING, [[1, 2], "", 400]),
    (statements.ADDRESSED, [[1, 2], "", 400]),
    (statements.OF_RECORDS, [["contact"], "", 400, ["c1"]]),
    (statements.STORED, [IDS]),
    (statements.ACCOUNTS, [["case"], ["k1"]]),
    (directory.OWNERS, [["ada@example.test"]]),
    (people.PEOPLE, [["ada@example.test"]]),
    (people.ACCOUNT_OWNERS, [IDS]),
    (erasures.ERASED, [IDS, IDS]),
    (group_accounts.FIND, [IDS, ["support@example.test"]]),
    (case_desk.WAITING, [200]),
    (case_desk.CLAIMED, IDS),
    (case_desk.OF_THREAD, IDS[:1]),
    (case_desk.OF_NUMBER, [7]),
    (case_desk.CANDIDATE, [IDS[0], 1, IDS]),
]


async def test_no_look_up_reads_a_whole_table(pool: Pool) -> None:
    """As planned the way that the linker plans them."""
    read_whole = []
    async with pool.acquire() as db, db.transaction():
        await db.execute(BY_INDEX)
        for statement, values in LOOK_UPS:
            plan = "\n".join(r[0] for r in await db.fetch(f"EXPLAIN {statement}", *values))
            if "Seq Scan" in plan:
                read_whole.append(plan)

    assert [] == read_whole
