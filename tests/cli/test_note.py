"""`cepsim note RUN`: a run is made, its note printed and written, from its folder alone."""

import csv
import json
import shutil

import pandas as pd
import pytest

from cepsim.cli import main
from cepsim.experiment import plan, run_scenarios
from cepsim.indicators import ALL
from cepsim.report.cells import row_of
from cepsim.report.explained import PARTS
from cepsim.report.questions import QUESTIONS

TABLES = (
    "compared",
    "widenings",
    "delays",
    "obligation",
    "persons_reference",
    "persons_premiere-vague",
    "persons_central",
    "qualification",
    "aims",
    "posts",
    "posts_by_region",
    "displaced",
    "obligation_by_region",
    "access",
    "equity",
    "attributes",
    "payers_by_year",
    "commitments",
    "partners",
    "other_actors",
    "paths",
    "open_questions",
    "to_settle",
    "marks",
)


@pytest.fixture(scope="module")
def results():
    planned = plan(["premiere-vague", "central"], regions=["94"], replications=1, years=1, follow_up_years=0)
    return run_scenarios(planned, workers=1)


@pytest.fixture(scope="module")
def made(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("note") / "a-run"
    results.write(folder)
    return folder


@pytest.fixture
def run(made, tmp_path):
    return shutil.copytree(made, tmp_path / "a-run")


def table(run, name):
    with (run / "note" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def whole(text):
    return int(text.replace("\u202f", "").replace("−", "-"))


def test_the_note_is_printed_and_written_whole(call, run):
    outcome = call("note", str(run))
    assert outcome.code == 0
    assert sorted(path.name for path in (run / "note").iterdir()) == sorted(
        [*(f"{name}.csv" for name in TABLES), "note.md"]
    )
    text = (run / "note" / "note.md").read_text(encoding="utf-8")
    assert text.count("\n## ") == len(TABLES)
    for title in ("Scénario central", "Qui paie, chaque année", "Corse", "Cinq hypothèses"):
        assert title in text
    assert "Note écrite dans" in outcome.out
    assert not list(run.glob("*.partial"))


def test_a_note_written_again_replaces_the_one_before_in_the_other_language(call, run):
    call("note", str(run))
    (run / "note" / "left.csv").write_text("x", encoding="utf-8")
    assert call("note", str(run), "--lang", "en").code == 0
    assert not (run / "note" / "left.csv").exists()
    text = (run / "note" / "note.md").read_text(encoding="utf-8")
    assert "Five hypotheses to settle" in text
    assert "hypothèses" not in text


def test_persons_of_every_public_are_those_of_the_indicators(call, run, results):
    call("note", str(run))
    rows = [row for row in table(run, "persons_central") if row["Année"] == "2015"]
    found = results.indicators
    found = found[
        (found["scenario"] == "central")
        & (found["indicator"] == "received")
        & (found["period"] == "2015")
        & (found[["region", "operator", "stage", "public", "team"]] == "all").all(axis=1)
    ]
    assert whole(rows[0]["Reçues en accueil"]) == round(float(found["mean"].iloc[0]))


def test_projects_that_qualify_are_those_of_the_indicators_by_operator_and_public(call, run, results):
    call("note", str(run), "--lang", "en")
    rows = {(row["Scenario"], row["Operator or public"]): row for row in table(run, "qualification")}
    keys = {"scenario": "central", "indicator": "share_qualifying", "region": ALL, "period": "2015"}
    names = {"public": ALL, "operator": ALL, "stage": ALL, "team": ALL}
    for who, more in (
        ("all operators", {}),
        ("APEC", {"operator": "apec"}),
        ("permanent employees (CDI)", {"public": "salaries_cdi"}),
    ):
        mean = row_of(results.indicators, **{**keys, **names, **more})["mean"]
        assert rows["Central scenario", who]["2015"] == f"{100 * mean:.1f}%"


def test_what_is_owed_is_told_by_operator_and_by_region_with_the_share_required(call, run, results):
    call("note", str(run), "--lang", "en")
    owed = results.obligation
    here = owed[(owed["scenario"] == "central") & (owed["operator"] == "pole_emploi")]
    (line,) = table(run, "obligation_by_region")
    (row,) = here[here["region"] == "94"].to_dict("records")
    assert line["Pôle emploi"] == f"{100 * row['mean']:.1f}% ({row['verdict']})"
    assert {row["Required"] for row in table(run, "obligation")} == {"90.0%"}
    assert "for 90.0% required" in (run / "note" / "note.md").read_text(encoding="utf-8")


def test_one_region_has_a_spread_between_publics_and_none_between_regions(call, run):
    call("note", str(run), "--lang", "en")
    assert {row["Between"] for row in table(run, "equity")} == {"publics"}
    assert [row["Region"] for row in table(run, "access")] == ["Corse"]


def test_widenings_sum_to_the_last_of_them(call, run):
    call("note", str(run))
    *steps, together = table(run, "widenings")
    assert [row["Élargissement"] for row in steps] == [
        "+ Première vague, moyens actuels",
        "+ Scénario central",
    ]
    received = [whole(row["Personnes reçues"]) for row in (*steps, together)]
    assert abs(sum(received[:-1]) - received[-1]) <= 1
    money = [round(100 * float(row["Coût net"][:-3].replace(",", "."))) for row in (*steps, together)]
    assert abs(sum(money[:-1]) - money[-1]) <= 1
    assert money[-1] > 0
    parts = ("Argent nouveau", "Bilans non rendus", "Redéployé, prêté, donné")
    for row in (*steps, together):
        cents = [
            round(100 * float(row[name][:-3].replace(",", ".").replace("−", "-")))
            for name in ("Coût net", *parts)
        ]
        assert abs(sum(cents[1:]) - cents[0]) <= 2


def test_posts_of_operators_are_those_of_their_regions_and_platforms(call, run, results):
    call("note", str(run))
    given = {
        (row["Opérateur"], row["Équipe"]): row["Donnés 2015"]
        for row in table(run, "posts")
        if row["Scénario"] == "Scénario central"
    }
    posts = results.posts
    here = posts[(posts["scenario"] == "central") & (posts["year"] == 2015)]
    opacif = here[(here["operator"] == "opacif") & (here["role"] == "advisers")]["etp"].sum()
    assert given["OPACIF (Fongecif, OPCA)", "conseillers"] == f"{opacif:.1f}".replace(".", ",")


def test_who_needs_more_posts_is_told_when_to_hire_and_nobody_else_is(call, run):
    call("note", str(run))
    for row in table(run, "posts"):
        is_short = not row["Écart 2015"].startswith(("−", "–", "0,0"))
        assert (row["Embaucher avant, 2015"] == "03/09/2014") == (
            is_short and row["Scénario"] != "Référence, sans CEP"
        ) or row["Écart 2015"] == "0,0"


def test_every_open_question_has_its_row_and_says_which_scenario_is_missing(call, run):
    call("note", str(run))
    rows = table(run, "open_questions")
    assert [row["Diapositive"] for row in rows] == [str(of.slide) for of in QUESTIONS]
    assert all(row["Réponse"] for row in rows)
    answers = {of.name: row["Réponse"] for of, row in zip(QUESTIONS, rows, strict=True)}
    assert answers["engineering"] == (
        "Aucun scénario de ce calcul ne répond : aucun ne règle « ingénierie » "
        '(service.engineering = "out"). '
        "Pour y répondre, ajouter sans-ingenierie au calcul : il s'y comparera à central."
    )
    assert "à qui comparer « Première vague, moyens actuels », qui règle « vagues »" in answers["legal_floor"]
    assert "« Équité par attribut : qui vient, qui est reçu, qui est perdu »" in answers["precarious"]
    assert answers["delays"].startswith("« Scénario central » contre « Référence, sans CEP »")


def test_a_path_that_goes_further_costs_more_and_takes_longer(call, run):
    call("note", str(run))
    opacif = [row for row in table(run, "paths") if row["Opérateur"].startswith("OPACIF")]
    column = "Coût direct"
    costs = [whole(row[column].replace("\xa0€", "")) for row in opacif]
    assert len(costs) == 4
    assert costs == sorted(costs)
    assert costs[0] < costs[-1]
    assert all(
        whole(row["Coût complet"].replace("\xa0€", "")) > cost
        for row, cost in zip(opacif, costs, strict=True)
    )


def test_a_run_of_other_tables_is_refused(call, run):
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["tables_sha256"] = "0" * 64
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    outcome = call("note", str(run))
    assert outcome.code == 3
    assert "tables_sha256" in outcome.err
    assert not (run / "note").exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("scenarios", None),
        ("scenarios", {}),
        ("scenarios", {"reference": {}}),
        ("scenarios", {"reference": {"toml": "name = 3"}}),
        ("replications", "many"),
        ("regions", 94),
        ("seed", True),
    ],
)
def test_a_damaged_manifest_is_told_and_nothing_is_written(call, run, key, value):
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest[key] = value
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    outcome = call("note", str(run))
    assert outcome.code == 3
    assert "manifest.json" in outcome.err
    assert not (run / "note").exists()


def test_a_frame_without_its_columns_is_told(call, run):
    pd.read_parquet(run / "posts.parquet").drop(columns="etp").to_parquet(run / "posts.parquet")
    outcome = call("note", str(run))
    assert outcome.code == 3
    assert "posts.parquet" in outcome.err
    assert "etp" in outcome.err


def test_titles_of_a_scenario_open_no_markup(run):
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    toml = manifest["scenarios"]["central"]["toml"]
    manifest["scenarios"]["central"]["toml"] = toml.replace('"Scénario central"', '"a|b <img src=x>"')
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert main(["note", str(run)]) == 0
    text = (run / "note" / "note.md").read_text(encoding="utf-8")
    assert "<img" not in text
    assert "a\\|b &lt;img src=x>" in text


def test_a_difference_of_cost_is_explained_from_the_latest_run_of_both(call, run, results, empty_folder):
    (empty_folder / "reports").mkdir()
    shutil.move(run, empty_folder / "reports" / "a-run")
    outcome = call("explain", "premiere-vague", "central", "--json")
    assert outcome.code == 0
    rows = json.loads(outcome.out)["frames"]["explained"]
    found = {row["operator"]: row for row in rows}["all"]
    assert found["second_cents"] == results.ledgers["central"][0].rows["amount_cents"].sum()
    parts = sum(found[f"{part}_cents"] for part in PARTS)
    assert found["first_cents"] + parts == found["second_cents"]
    shown = call("explain", "premiere-vague", "central")
    assert shown.code == 0
    assert "Composition" in shown.out
    assert "a-run" in shown.out


def test_scenarios_that_were_never_run_together_are_told_how_to_be(call, run, empty_folder):
    assert call("explain", "central", "universel").code == 3
    (empty_folder / "reports").mkdir()
    shutil.move(run, empty_folder / "reports" / "a-run")
    outcome = call("explain", "central", "universel")
    assert outcome.code == 3
    assert "universel" in outcome.err
    assert call("explain", "central", "universel", "--run", "a-run").code == 2


def test_a_note_of_one_year_shows_it_once(call, run):
    assert call("note", str(run)).code == 0
    with (run / "note" / "posts.csv").open(encoding="utf-8-sig", newline="") as file:
        columns = next(csv.reader(file))
    assert len(columns) == len(set(columns))


def test_a_person_of_a_run_is_told(call, run):
    told = call("explain", str(run), "--person", "7", "--json")
    assert told.code == 0
    found = json.loads(told.out)
    assert found["frames"]["visits"][0]["joined"] == found["asked_s"] >= 0
    shown = call("explain", str(run), "--person", "7", "--scenario", "premiere-vague")
    assert shown.code == 0
    assert "Personne 7" in shown.out
    for wrong in (["--person", "0"], ["central", "--person", "7"], ["--person", "100000000"], []):
        outcome = call("explain", str(run), *wrong)
        assert outcome.code == 2
        assert "Traceback" not in outcome.err


def test_the_reach_of_a_hypothesis_is_the_run_again_with_the_figure_at_either_end(call, run, results):
    id_ = "demand.all.cep.induced_demand_at_full_awareness"
    told = call("explain", str(run), "--figure", id_, "--json")
    assert told.code == 0
    found = pd.DataFrame(json.loads(told.out)["frames"]["indicators"])
    keys = {"region": ALL, "operator": ALL, "stage": ALL, "public": ALL, "team": ALL, "period": ALL}
    low, mode, high = (
        row_of(found, scenario=name, indicator="received", **keys)["mean"]
        for name in ("central-low", "central", "central-high")
    )
    as_run = row_of(results.indicators, scenario="central", indicator="received", **keys)["mean"]
    assert mode == as_run
    assert low < mode < high
    shown = call("explain", str(run), "--figure", id_)
    assert shown.code == 0
    assert "reçues en accueil" in shown.out


@pytest.mark.parametrize(
    ("more", "code", "word"),
    [
        (["--figure", "demand.all.cep.nothing_of_the_kind"], 3, "nothing_of_the_kind"),
        (["--figure", "unit_costs.annual_working_hours.legal"], 2, "annual_working_hours"),
        (["--figure", "payers.cap_emploi.operating_cost.agefiph"], 3, "payers.csv"),
        (["--figure", "demand.all.cep.induced_demand_at_full_awareness", "--region", "11"], 2, "11"),
        (["--figure", "demand.all.cep.induced_demand_at_full_awareness", "--person", "1"], 2, "--person"),
    ],
)
def test_a_reach_that_cannot_be_measured_is_refused(call, run, more, code, word):
    outcome = call("explain", str(run), *more)
    assert outcome.code == code
    assert word in outcome.err
    assert "Traceback" not in outcome.err


def test_commitments_of_a_run_are_cut_by_their_own_dimensions_and_are_in_no_cost(call, run):
    outcome = call("costs", str(run), "--view", "commitments", "--by", "year,kind", "--lang", "en")
    assert outcome.code == 0
    for text in (
        "CIF of permanent and agency contracts",
        "files decided",
        "share of files accepted",
        "beyond budgets",
    ):
        assert text in outcome.out
    ledger, commitments = (pd.read_parquet(run / f"{name}.parquet") for name in ("ledger", "commitments"))
    assert not {"cif_cdi", "training", "vae"} & set(ledger["nature"])
    assert {"cif_cdi", "training", "vae"} <= set(commitments["kind"])
    gross = ledger.groupby("scenario")["amount_cents"].sum() / 100
    costs = pd.read_parquet(run / "costs.parquet")
    whole = costs[costs["cut"] == "total"].set_index("scenario")
    assert (whole["mean"] - gross).abs().max() < 0.01
    current = ledger.groupby("scenario")["amount_current_cents"].sum() / 100
    assert (whole["current_mean"] - current).abs().max() < 1
    assert (whole["current_mean"] > whole["mean"]).all()


@pytest.mark.parametrize(
    ("view", "key"), [("fund", "financing.mutualised"), ("budget", "costs.budget_lines")]
)
def test_a_run_without_a_fund_or_a_budget_says_so(call, run, view, key):
    outcome = call("costs", str(run), "--view", view)
    assert outcome.code == 0
    assert key in outcome.out.replace("\n", "")


def test_time_lent_beyond_the_reference_is_told_with_the_work_that_it_displaces(call, run):
    ledger = pd.read_parquet(run / "ledger.parquet")
    here = (
        (ledger["operator"] == "pole_emploi") & (ledger["year"] == 2015) & (ledger["scenario"] == "central")
    )
    # a hundred posts' worth of hours more than in the reference; time given back displaces nothing
    more = ledger[here & (ledger["nature"] == "advisers_used")].head(1).assign(quantity=160_700 * 3_600)
    back = more.assign(nature="advisers_given_back")
    before = row_in(call, run)
    pd.concat([ledger, more, back]).to_parquet(run / "ledger.parquet")
    after = row_in(call, run)
    assert (after["Opérateur"], after["Scénario"]) == ("Pôle emploi", "Scénario central")
    # 116 people followed by an adviser, 110 to 127
    assert whole(after["Ce qui n'est plus fait"]) - whole(before["Ce qui n'est plus fait"]) in (
        11_599,
        11_600,
        11_601,
    )
    low, _, high = after["Fourchette"].partition(" à ")
    assert whole(low) < whole(after["Ce qui n'est plus fait"]) < whole(high)


def row_in(call, run):
    """What the note says of Pôle emploi in the central scenario: nothing is lent by nobody."""
    call("note", str(run))
    nothing = {"Ce qui n'est plus fait": "0"}
    if not (run / "note" / "displaced.csv").exists():
        return nothing
    rows = [row for row in table(run, "displaced") if row["Opérateur"] == "Pôle emploi"]
    return next((row for row in rows if row["Scénario"] == "Scénario central"), nothing)


def test_what_other_actors_answer_stands_beside_the_first_lines_of_the_run(call, run, results):
    call("note", str(run))
    rows = {row["Acteur"]: row for row in table(run, "other_actors")}
    assert len(rows) == 20
    opacif = rows["Fongecif et autres OPACIF (premier accueil)"]
    found = row_of(
        results.indicators[results.indicators["scenario"] == "central"],
        **dict.fromkeys(("region", "stage", "public", "team", "period"), ALL),
        operator="opacif",
        indicator="answered",
    )
    # one year is counted: the horizon is that year
    assert whole(opacif["Premiers contacts par an, Scénario central"]) == round(found["mean"])
    assert opacif["Coût par an"] == "dans le coût du CEP"
    assert rows["MIFE (Intermife)"]["Coût par an"].endswith("M€]")
    assert rows["Organismes de formation"]["Coût par an"] == "–"
