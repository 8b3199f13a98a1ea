"""The ledger as it is shown: no public of a region by itself with fewer than five people."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.costing import SECRET, withhold_publics

KEYS = ["region", "public", "nature"]


def rows_of(*rows):
    return pd.DataFrame(rows, columns=[*KEYS, "quantity", "amount_cents", "people"])


def shown(*rows):
    found = withhold_publics(rows_of(*rows), 5)
    assert list(found.columns) == [*KEYS, "quantity", "amount_cents"]
    return {tuple(row[:3]): tuple(row[3:]) for row in found.itertuples(index=False)}


def test_rows_of_fewer_than_five_people_are_put_together_under_no_public():
    assert shown(
        ("53", "salaries_cdd", "bilan", 3, 300, 3),
        ("53", "interimaires", "bilan", 4, 400, 4),
        ("53", "salaries_cdi", "bilan", 90, 9000, 90),
        ("53", "non_affecte", "idle", 7, 70, 0),
    ) == {
        ("53", SECRET, "bilan"): (7, 700),
        ("53", "salaries_cdi", "bilan"): (90, 9000),
        ("53", "non_affecte", "idle"): (7, 70),
    }


def test_a_single_small_row_takes_the_next_one_with_it():
    assert shown(
        ("53", "interimaires", "bilan", 2, 200, 2),
        ("53", "salaries_cdd", "bilan", 8, 800, 8),
        ("53", "salaries_cdi", "bilan", 90, 9000, 90),
        ("94", "salaries_cdi", "bilan", 5, 500, 5),
        ("94", "salaries_cdd", "bilan", 1, 100, 1),
        ("94", "salaries_cdd", "calls", 12, 60, 6),
    ) == {
        ("53", SECRET, "bilan"): (10, 1000),
        ("53", "salaries_cdi", "bilan"): (90, 9000),
        ("94", SECRET, "bilan"): (6, 600),
        ("94", "salaries_cdd", "calls"): (12, 60),
    }


CELLS = st.dictionaries(
    st.tuples(
        st.sampled_from(["53", "94"]),
        st.sampled_from(["salaries_cdi", "salaries_cdd", "interimaires", "non_affecte"]),
        st.sampled_from(["bilan", "calls"]),
    ),
    st.integers(1, 12),
    min_size=1,
)


@settings(max_examples=50)
@given(CELLS)
def test_every_total_closes_but_over_publics_and_no_shown_public_is_small(cells):
    rows = rows_of(*((*key, 3 * n, 7 * n, 0 if key[1] == "non_affecte" else n) for key, n in cells.items()))
    found = withhold_publics(rows, 5)
    for cut in (["region"], ["nature"], ["region", "nature"]):
        for name in ("quantity", "amount_cents"):
            assert found.groupby(cut)[name].sum().equals(rows.groupby(cut)[name].sum())
    public = found[~found["public"].isin([SECRET, "non_affecte"])]
    assert (public["quantity"] >= 15).all()
