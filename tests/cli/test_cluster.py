"""`cepsim run --cluster`: what is refused in one line before anything is written."""

import socket
import sys

import pytest

from cepsim.experiment import cluster

SMALL = ("run", "reference", "--region", "94", "--years", "1", "--follow-up", "0", "--replications", "1")


@pytest.fixture
def mute():
    """A place that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_a_scheduler_that_does_not_answer_is_told_in_one_line_and_nothing_is_written(
    call, empty_folder, monkeypatch, mute
):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "ANSWERS_WITHIN", 1)
    for address in ("tcp://127.0.0.1:1", mute, "nowhere", "ftp://127.0.0.1:1"):
        outcome = call(*SMALL, "--cluster", address)
        assert (outcome.code, outcome.out) == (3, "")
        assert outcome.err == (
            f"Erreur : cluster : trouvé « {address} », attendu l'adresse d'un ordonnanceur Dask qui réponde "
            "dans les 1 s. « dask scheduler » affiche la sienne, par exemple tcp://192.168.0.1:8786.\n"
        )
    assert list(empty_folder.iterdir()) == []


def test_without_its_package_a_cluster_is_refused_with_the_line_that_installs_it(
    call, empty_folder, monkeypatch
):
    monkeypatch.setitem(sys.modules, "distributed", None)
    outcome = call(*SMALL, "--cluster", "tcp://127.0.0.1:8786")
    assert (outcome.code, outcome.out) == (3, "")
    assert 'Installez-le : python -m pip install "cepsim[cluster]".' in outcome.err
    assert outcome.err.count("\n") == 1
    assert list(empty_folder.iterdir()) == []


def test_a_cluster_and_a_number_of_processes_are_not_both_given(call):
    outcome = call(*SMALL, "--cluster", "tcp://127.0.0.1:8786", "--workers", "2")
    assert outcome.code == 2
    assert outcome.err.startswith("Erreur : donner --workers ou --cluster, pas les deux")
