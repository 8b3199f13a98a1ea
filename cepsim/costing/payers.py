"""Who pays: the shares of each payer by nature, operator and character, from the table of payers."""

from __future__ import annotations

from cepsim.costing.prices import BILANS_BY_DEPTH
from cepsim.errors import TableError, nearest
from cepsim.tables import Tables

#: Natures that are not paid like an operator's posts: the operator and scope of their rows in `payers`.
_OWN_ROWS = {
    "bilan_conge": ("bilan", "route_conge_opacif"),
    **dict.fromkeys(BILANS_BY_DEPTH, ("bilan", "route_conge_opacif")),
    "bilan_plan": ("bilan", "route_plan_de_formation"),
    "bilan_refused": ("bilan", "route_conge_opacif"),
    "bilan_psychologist": ("bilan", "demandeurs_emploi"),
    "working_time_given": ("working_time", "hours_given"),
    "regional_coordination": ("regions", "coordination"),
    "information_base": ("national", "information_base_and_tools"),
    "account_hours": ("cpf", "hours_charged"),
    "account_bilans": ("cpf", "hours_charged"),
    "shared_tools": ("national", "information_base_and_tools"),
    "cif_cdi": ("opacif", "cif_commitments"),
    "cif_cdd": ("opacif", "cif_commitments"),
    "vae_in_work": ("opacif", "cif_commitments"),
    "vae_out_of_work": ("formation_de", "training_entries"),
    "training": ("formation_de", "training_entries"),
}
#: Natures that come with posts: new ones may have payers of their own.
_OF_POSTS = ("advisers_", "first_line_", "recruitment")
_NEW = ("nouveau_recurrent", "nouveau_ponctuel")


def payer_shares(tables: Tables, nature: str, operator: str, character: str) -> dict[str, float]:
    """Share of each payer, in the order of the table. Raises TableError where nobody is named."""
    if nature in _OWN_ROWS:
        return _shares(tables, *_OWN_ROWS[nature])
    if character in _NEW and nature.startswith(_OF_POSTS) and _has(tables, operator, "new_posts"):
        return _shares(tables, operator, "new_posts")
    return _shares(tables, operator, "operating_cost")


def _ids(tables: Tables, operator: str, scope: str) -> list[str]:
    start = f"payers.{operator}.{scope}."
    return [id_ for id_ in tables.inputs("payers") if id_.startswith(start)]


def _has(tables: Tables, operator: str, scope: str) -> bool:
    return bool(_ids(tables, operator, scope))


def _shares(tables: Tables, operator: str, scope: str) -> dict[str, float]:
    ids = _ids(tables, operator, scope)
    if not ids:
        known = sorted({".".join(tables.figure(id_).keys[:2]) for id_ in tables.ids("payers")})
        raise TableError(
            file="payers.csv",
            field="columns operator and scope",
            found=f"no row {operator}, {scope}",
            expected="at least one payer for every nature of the ledger",
            remedy=nearest(f"{operator}.{scope}", known),
        )
    return {tables.figure(id_).key("payer"): tables.figure(id_).mode for id_ in ids}
