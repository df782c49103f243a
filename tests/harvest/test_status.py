"""How a campaign stands is told without a look at all its steps, however many there are."""

from collections.abc import Callable

from alexandria.db import connect
from alexandria.db.reader import number_params
from alexandria.harvest.campaign import SQL

FILL = """
    insert into harvest.campaigns (kind, title, signature, parameters, state, created_by, done)
        select 'authors', 'all', n::text, '{}', 'running', 'me', 5000 from generate_series(1, 3) n;
    insert into harvest.steps (campaign_id, number, key, name, state, reason)
        select c, n, n, 'Author ' || n,
            case when n % 100 = 0 then 'failed' when n > 4990 then 'pending' else 'done' end,
            case when n % 100 = 0 then 'why' end
        from generate_series(1, 3) c, generate_series(1, 5000) n;
    analyze harvest.steps, harvest.campaigns
"""


def test_the_statements_of_the_status_use_their_indexes(session_database: Callable[[], str]) -> None:
    with connect(session_database(), autocommit=True) as connection:
        connection.execute(FILL.encode())
        connection.execute("set plan_cache_mode = force_generic_plan")
        for name, values in (("find_campaigns", "1, 1"), ("find_failures", "1, 20")):
            sql, _ = number_params(SQL[name].sql)
            connection.execute(f"prepare {name} as {sql}".encode())
            plan = "\n".join(row[0] for row in connection.execute(f"explain execute {name}({values})".encode()))
            assert "Seq Scan on steps" not in plan, plan
            assert "Sort" not in plan or name == "find_campaigns", plan
