"""Scenario files: what is refused, what a message says, how `extends` is followed."""

from datetime import date
from pathlib import Path

import pytest

from cepsim.errors import ScenarioError
from cepsim.scenario import diff, list_scenarios, load_scenario, new_scenario, validate

WORDS = 'title = { fr = "Essai", en = "Trial" }\ndebate = { fr = "Essai", en = "Trial" }\n'
INDUCED = "demand.all.cep.induced_demand_at_full_awareness"


def write(folder: Path, name: str, body: str = "", head: str = WORDS) -> Path:
    """A scenario file with the words that every one must have. Keys of `body` come last."""
    path = folder / f"{name}.toml"
    path.write_text(f'name = "{name}"\n{head}{body}', encoding="utf-8")
    return path


def refused(folder: Path, body: str, head: str = WORDS) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        validate(write(folder, "essai", body, head))
    return caught.value


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "[service]\nintensitty = 'centrale'",
            "essai.toml: service.intensitty: found an unknown key, expected a key of [service]."
            ' Did you mean "intensity"?',
        ),
        (
            "[service]\nintensity = 'central'",
            'essai.toml: service.intensity: found "central", expected one of actuelle, centrale, approfondie.'
            ' Did you mean "centrale"?',
        ),
        (
            "[waves]\nregions = 'all'",
            "essai.toml: waves: found {'regions': 'all'}, expected a list between brackets."
            " Who is admitted to CEP, where and when. None in `reference`.",
        ),
        (
            "[[waves]]\npublics = ['salaries_cdi']\nregions = ['53', '99']",
            'essai.toml: waves[0].regions: found "99", expected the code of a region of 2012.'
            " The regions are: 11 Île-de-France",
        ),
        (
            "[[waves]]\npublics = ['salaries_cdi']\nregions = [53]",
            "essai.toml: waves[0].regions[0]: found 53, expected a text between quotes.",
        ),
        ("[[waves]]\npublics = []", "essai.toml: waves[0].publics: found an empty list"),
        (
            "[[waves]]\npublics = ['salaries_cdi', 'salaries_cdi']",
            "essai.toml: waves[0].publics: found salaries_cdi more than once, expected each value once.",
        ),
        (
            "[calendar]\nlaunch_date = '2015-01-01'",
            'essai.toml: calendar.launch_date: found "2015-01-01", expected a date without quotes',
        ),
        ("[calendar]\nyears = true", "essai.toml: calendar.years: found true, expected a whole number."),
        (
            "[calendar]\nyears = 11",
            "essai.toml: calendar.years: found 11, expected a value less than or equal to 10.",
        ),
        (
            "[norm]\nfigure = 'stages.norm.first_appointment_delay.all.pole_emploi.all.all'",
            "expected the id of an input figure in working days."
            ' Did you mean "stages.norm.first_appointment_target.all.all.all.all"?',
        ),
        (
            "[[staff.changes]]\noperator = 'opacif'\nfrom_date = 2015-01-01\netp = 0\ncharacter = 'new'\n"
            "reason = 'x'",
            "essai.toml: staff.changes[0].etp: found 0, expected a number of posts other than 0.",
        ),
        ("[demand]\npriority_publics = []", "It belongs elsewhere: service.priority_publics."),
    ],
)
def test_a_wrong_line_is_named_with_what_was_found_and_expected(tmp_path, body, message):
    assert message in str(refused(tmp_path, body))


@pytest.mark.parametrize("other", ["organismes_de_formation", "mife"])
def test_nobody_but_the_operators_of_the_conseil_is_given_advisers_or_a_fund(tmp_path, other):
    """A training body does not advise: conseil and formation are kept apart."""
    staffed = refused(
        tmp_path,
        f"[[staff.changes]]\noperator = '{other}'\nfrom_date = 2015-01-01\netp = 10\ncharacter = 'new'\n"
        "reason = 'x'",
    )
    funded = refused(
        tmp_path,
        f"[financing.mutualised]\nenvelope_eur = 1e6\noperators = ['{other}']\n"
        "contributors = [{ payer = 'etat', share = 1.0 }]",
    )
    for error in (staffed, funded):
        assert "expected one of opacif, apec, pole_emploi, missions_locales, cap_emploi" in str(error)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "+nan"])
@pytest.mark.parametrize("place", ["low", "mode", "high"])
def test_a_figure_that_is_not_a_finite_number_is_refused(tmp_path, number, place):
    override = {"low": "0.1", "mode": "0.2", "high": "0.3"} | {place: number}
    body = ", ".join(f"{key} = {value}" for key, value in override.items())
    error = refused(tmp_path, f'[figures]\n"{INDUCED}" = {{ {body}, reason = "x" }}')
    assert [problem.field for problem in error.problems] == [f"figures.{INDUCED}.{place}"]
    assert error.expected == "a finite number"


@pytest.mark.parametrize("number", ["nan", "inf"])
def test_a_number_of_posts_that_is_not_finite_is_refused(tmp_path, number):
    error = refused(
        tmp_path,
        f"[[staff.changes]]\noperator = 'opacif'\nfrom_date = 2015-01-01\netp = {number}\n"
        "character = 'new'\nreason = 'x'",
    )
    assert error.field == "staff.changes[0].etp"
    assert error.expected == "a finite number"


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ('low = 0.3, mode = 0.2, high = 0.4, reason = "x"', "low <= mode <= high"),
        ('low = 0.1, mode = 0.5, high = 0.4, reason = "x"', "low <= mode <= high"),
        ("low = 0.1, mode = 0.2, high = 0.3", "a reason or a source"),
        ('low = 0.1, mode = 0.2, high = 0.3, reason = "  "', "a text that is not empty"),
        ('low = 0.1, mode = 0.2, high = 3, reason = "x"', "from 0 to 1, the range of the unit share"),
    ],
)
def test_a_hypothesis_needs_a_range_in_order_and_its_why(tmp_path, override, expected):
    error = refused(tmp_path, f'[figures]\n"{INDUCED}" = {{ {override} }}')
    assert expected in str(error)
    assert INDUCED in str(error)


def test_an_unknown_figure_is_refused_with_the_nearest_one(tmp_path):
    error = refused(tmp_path, f'[figures]\n"{INDUCED}s" = {{ low = 0, mode = 0, high = 0, reason = "x" }}')
    assert f'Did you mean "{INDUCED}"?' in str(error)


def test_a_figure_that_is_only_a_check_cannot_be_overridden(tmp_path):
    check = "stages.norm.first_appointment_delay.all.pole_emploi.all.all@check"
    error = refused(tmp_path, f'[figures]\n"{check}" = {{ low = 0, mode = 0, high = 0, reason = "x" }}')
    assert "expected the id of an input figure" in str(error)


def test_shares_that_no_longer_sum_to_one_are_refused(tmp_path):
    id_ = "publics.attribute.salaries.autonomy_high"
    error = refused(tmp_path, f'[figures]\n"{id_}" = {{ low = 0.1, mode = 0.9, high = 1, reason = "x" }}')
    assert "expected modes that sum to 1" in str(error)


def test_an_id_without_quotes_is_explained(tmp_path):
    error = refused(tmp_path, "[figures.demand.all.cep.x]\nlow = 1")
    assert error.field == "figures.demand"
    assert "between quotes" in str(error)


def test_all_the_errors_of_a_file_are_reported_together(tmp_path):
    error = refused(tmp_path, "colour = 1\n[calendar]\nyears = 0\n[demand]\ninduced = 'yes'")
    assert {problem.field for problem in error.problems} == {"colour", "calendar.years", "demand.induced"}
    assert len(str(error).splitlines()) == 3
    assert all(line.startswith("essai.toml: ") for line in str(error).splitlines())


def test_a_scenario_must_say_its_name_and_its_words(tmp_path):
    error = refused(tmp_path, "", head="")
    assert {problem.field for problem in error.problems} == {"title", "debate"}


def test_the_name_is_that_of_the_file(tmp_path):
    path = write(tmp_path, "essai").rename(tmp_path / "autre.toml")
    with pytest.raises(ScenarioError, match=r'autre\.toml: name: found "essai"'):
        validate(path)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("[[waves]]\npublics = ['agents_publics']", "waves[0].publics"),
        ("[[waves]]\npublics = ['salaries_cdi']\nfrom_date = 2014-12-31", "waves[0].from_date"),
        ("[service]\npriority_publics = ['independants']", "service.priority_publics"),
        ("[demand]\nshared_information_base = true", "costs.information_base"),
    ],
)
def test_choices_that_contradict_each_other_are_refused(tmp_path, body, field):
    assert refused(tmp_path, body).field == field


# --- a file is data ----------------------------------------------------------------------------------


def test_text_that_looks_like_a_program_is_only_text(tmp_path):
    words = "__import__('os').system('echo') {title} ${HOME} {{ 7 * 7 }} <script>alert(1)</script>"
    head = f'title = {{ fr = "{words}", en = "x" }}\ndebate = {{ fr = "x", en = "x" }}\n'
    assert validate(write(tmp_path, "essai", head=head)).title.fr == words


@pytest.mark.parametrize("character", [r"\u001b", r"\u0007", r"\u202e"])
def test_a_text_cannot_drive_the_terminal(tmp_path, character):
    head = f'title = {{ fr = "a{character}b", en = "x" }}\ndebate = {{ fr = "x", en = "x" }}\n'
    assert refused(tmp_path, "", head).field == "title.fr"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"name = [1", "expected TOML, in UTF-8"),
        (b"name = 'a'\nname = 'b'", "expected TOML, in UTF-8"),
        (b"title = '\xff'", "expected TOML, in UTF-8"),
        (b"x = " + b"[" * 5000, "expected TOML, in UTF-8"),
        (b"x = " + b"9" * 5000, "expected TOML, in UTF-8"),
        (b".".join([b"a"] * 500) + b" = 1", "tables too deep"),
        (b"# " + b"x" * 1_000_000, "a larger file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path, content, found):
    path = tmp_path / "essai.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        validate(path)
    assert found in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


# --- extends -----------------------------------------------------------------------------------------


def test_a_child_inherits_all_but_the_words_and_replaces_lists(tmp_path):
    base = (
        "[calendar]\nyears = 5\nwarm_up_years = 2\n[[waves]]\npublics = ['salaries_cdi', 'salaries_cdd']\n"
        "[service]\npriority_publics = ['salaries_cdd']\n"
    )
    write(tmp_path, "base", base)
    write(tmp_path, "middle", "[calendar]\nyears = 4\n", head=WORDS + 'extends = "base"\n')
    body = "[[waves]]\npublics = ['de_autres']\n"
    child = load_scenario(write(tmp_path, "child", body, head=WORDS + 'extends = "middle"\n'))
    assert (child.name, child.extends) == ("child", "middle")
    assert (child.calendar.years, child.calendar.warm_up_years) == (4, 2)
    assert [wave.publics for wave in child.waves] == [("de_autres",)]
    assert child.service.priority_publics == ("salaries_cdd",)


def test_the_override_of_a_figure_is_replaced_whole(tmp_path):
    old = f'[figures]\n"{INDUCED}" = {{ low = 0.1, mode = 0.2, high = 0.3, reason = "old" }}'
    write(tmp_path, "base", old)
    new = f'[figures]\n"{INDUCED}" = {{ low = 0.4, mode = 0.5, high = 0.6, source = "new" }}'
    child = load_scenario(write(tmp_path, "child", new, head=WORDS + 'extends = "base"\n'))
    assert (child.figures[INDUCED].reason, child.figures[INDUCED].source) == (None, "new")


def test_a_circle_of_extends_is_shown(tmp_path):
    for name, parent in [("a", "b"), ("b", "c"), ("c", "a")]:
        write(tmp_path, name, head=WORDS + f'extends = "{parent}"\n')
    with pytest.raises(ScenarioError) as caught:
        load_scenario("a", tmp_path)
    assert str(caught.value).startswith(
        "c.toml: extends: found a -> b -> c -> a, expected a chain that ends."
    )


def test_a_scenario_cannot_extend_itself(tmp_path):
    path = write(tmp_path, "a", head=WORDS + 'extends = "a"\n')
    with pytest.raises(ScenarioError, match=r"a\.toml: extends: found a -> a"):
        load_scenario(path)


def test_an_error_names_the_file_that_holds_the_wrong_line(tmp_path):
    write(tmp_path, "base", "[calendar]\nyears = 99\n")
    child = write(tmp_path, "child", head=WORDS + 'extends = "base"\n')
    with pytest.raises(ScenarioError) as caught:
        load_scenario(child)
    assert caught.value.file == "base.toml"


def test_an_unknown_parent_is_refused_with_the_nearest_name(tmp_path):
    error = refused(tmp_path, "", head=WORDS + 'extends = "premiere_vague"\n')
    assert str(error) == (
        'essai.toml: extends: found "premiere_vague", expected the name of a scenario.'
        ' Did you mean "premiere-vague"?'
    )


def test_extends_is_a_name_and_never_a_path(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    write(tmp_path, "base")
    path = write(inner, "essai", head=WORDS + 'extends = "../base"\n')
    with pytest.raises(ScenarioError, match=r'extends: found "\.\./base"'):
        load_scenario(path)


def test_a_file_of_the_user_extends_a_shipped_scenario(tmp_path):
    child = load_scenario(write(tmp_path, "essai", head=WORDS + 'extends = "central"\n'))
    assert diff(child, load_scenario("central")) == []


def test_a_file_never_stands_in_silence_for_the_shipped_scenario_of_its_name(tmp_path):
    write(tmp_path, "central", "[calendar]\nyears = 9\n")
    error = refused(tmp_path, "", head=WORDS + 'extends = "central"\n')
    assert str(error) == (
        "essai.toml: extends: found two scenarios called central: the shipped one and the file beside, "
        'expected the name of one scenario. Rename the file "central.toml" and the scenario in it.'
    )


@pytest.mark.parametrize("name", ["centrale", "nowhere/central.toml", Path("nowhere.toml")])
def test_a_scenario_that_does_not_exist_is_refused(name):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(name)
    assert caught.value.exit_code == 3
    if name == "centrale":
        assert 'Did you mean "central"?' in str(caught.value)


# --- the shipped scenarios ---------------------------------------------------------------------------


def test_the_three_scenarios_are_there_and_each_extends_the_one_before():
    assert {"reference", "premiere-vague", "central"} <= set(list_scenarios())
    parents = [load_scenario(name).extends for name in ("reference", "premiere-vague", "central")]
    assert parents == [None, "reference", "premiere-vague"]


def test_every_shipped_scenario_is_valid_and_says_its_words_in_both_languages():
    for name in list_scenarios():
        scenario = load_scenario(name)
        assert scenario.title.fr != scenario.title.en
        assert scenario.debate.fr != scenario.debate.en


def test_reference_admits_nobody_and_counts_no_new_cost():
    reference = load_scenario("reference")
    assert reference.waves == ()
    assert not reference.demand.induced
    assert (reference.service.intensity, reference.staff.ramp) == ("actuelle", "none")
    assert not any(value is True for value in reference.costs.model_dump().values())


def test_the_first_wave_admits_employees_and_registered_job_seekers_with_today_s_means():
    scenario = load_scenario("premiere-vague")
    launch = date(2015, 1, 1)
    assert scenario.admitted_from("salaries_cdd", "53", registered=False) == launch
    assert scenario.admitted_from("de_autres", "03", registered=True) == launch
    assert scenario.admitted_from("de_autres", "03", registered=False) is None
    assert scenario.admitted_from("sortants_formation_initiale", "53", registered=True) is None
    assert scenario.admitted_from("independants", "53", registered=True) is None
    assert scenario.staff == load_scenario("reference").staff
    assert scenario.service.intensity == "actuelle"


def test_central_differs_from_the_first_wave_by_what_its_debate_says():
    changed = {key for key, _, _ in diff(load_scenario("premiere-vague"), load_scenario("central"))}
    assert changed == {
        "demand.collective_information",
        "demand.shared_information_base",
        "service.intensity",
        "staff.ramp",
        "costs.shared_tools",
        "costs.information_base",
        "costs.recruitment",
    }


# --- a new one ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("parent", ["reference", "central"])
def test_a_new_scenario_is_valid_and_changes_nothing(tmp_path, parent):
    path = tmp_path / "essai.toml"
    path.write_text(new_scenario("essai", parent), encoding="utf-8")
    scenario = load_scenario(path)
    assert (scenario.name, scenario.extends) == ("essai", parent)
    assert diff(scenario, load_scenario(parent)) == []


def test_the_commented_lines_of_a_new_scenario_are_those_of_its_parent(tmp_path):
    text = new_scenario("essai", "central")
    lists = (
        *("demand.shocks", "service.commission_budget_changes", "staff.changes", "staff.shifts"),
        "staff.closures",
        *("costs.budget_lines", "financing.mutualised.contributors"),
    )
    empty_lists = {f"# [[{name}]]" for name in lists}
    lines = [
        line.removeprefix("# ")
        for line in text.splitlines()
        if not line.startswith(("## ", "#:")) and line not in empty_lists
    ]
    path = tmp_path / "essai.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    changed = diff(load_scenario("central"), load_scenario(path))
    assert [key for key, _, _ in changed] == [f"figures.{INDUCED}"]


@pytest.mark.parametrize("name", ["../essai", "Essai", "essai.toml", ""])
def test_a_new_scenario_needs_a_plain_name(name):
    with pytest.raises(ScenarioError, match="name: "):
        new_scenario(name, "reference")
