"""What tests of commitments, of a mutualised fund and of budgets share: scenarios, rows and sums."""

from deployments import deployment, desk, scenario, tables

HOUR = 3600
FPSPP = ({"payer": "fpspp", "share": 1.0},)
CIF_CDI, CIF_CDD, VAE = 24_600_00, 22_300_00, 1_200_00
WORKED = (
    ("used_s", "advisers", "opacif", 1607 * HOUR),
    ("used_s", "advisers", "pole_emploi", 1607 * HOUR),
    ("trained_thousandths", "advisers", "opacif", 5000, {"year": 2014}),
    ("bilans_conge", "", "opacif", 10),
)


def where(**keys):
    """`central` in Bretagne for two years, with other keys of the scenario."""
    of = scenario("central").derive(
        {key.replace("__", "."): value for key, value in keys.items()}, tables=tables()
    )
    return deployment(
        desk(None, 0), stations=[("opacif", "accueil")], teams=[("opacif", "advisers", "53")], of=of
    )


def funded(**fund):
    """The same with a mutualised fund paid by the FPSPP, unless told."""
    return where(
        **{f"financing__mutualised__{key}": value for key, value in ({"contributors": FPSPP} | fund).items()}
    )


def files(project, public, count, **others):
    return (f"files_{project}", "", "opacif", count, {"public": public, "stage": "ingenierie", **others})


def sums(rows, *keys, column="amount_cents"):
    return {key: int(value) for key, value in rows.groupby(list(keys))[column].sum().items() if value}
