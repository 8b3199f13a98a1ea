"""One queue, in its stationary state: M/M/c, people who leave, other laws of service and of arrival.

The first part of each run is forgotten, at least ten relaxation times: 1 / (sqrt(c s) - sqrt(a))**2 for
M/M/c of arrivals a and service rate s, elsewhere 2 (variance of the work that comes) / (capacity left)**2.
"""

from __future__ import annotations

from functools import partial

from theory import formulas as exact
from theory.case import Case, Measure
from theory.families import RUNS, impatient, mdc, mmc, one_server
from theory.observing import mean_present, mean_time_in_queue, share_beyond, share_waiting, share_with
from theory.systems import constant, exponential, gamma, lognormal, poisson, queue, regular, seconds

from cepsim.network import NoShow, Station
from cepsim.trace import Outcome

_EXPONENTIAL = Station("queue", 0, exponential(1.0))
_BEYOND = (
    Measure("MMC-a-tail", share_beyond(1.0), lambda: exact.mmc_wait_beyond(10.0, 4.0, 3, 1.0), 0.08),
    Measure(
        "MMC-a-beyond-q95",
        share_beyond(exact.mmc_wait_quantile(10.0, 4.0, 3, 0.95)),
        lambda: 0.05,
        0.12,
    ),
)

ERLANG = (
    mmc("MM1-a", 0.8, 1.0, 1, warm_up=900, length=6500),
    mmc("MMC-a", 10.0, 4.0, 3, warm_up=110, length=900, more=_BEYOND),
    mmc("MMC-c", 45.0, 0.5, 100, warm_up=80, length=400, precision=0.1),
    mmc("MMC-d", 495.0, 0.5, 1000, warm_up=800, length=2000, precision=0.2, slow=True),
    impatient(
        "EA-a",
        100.0,
        100,
        exponential(2.0),
        lambda: exact.erlang_a(100.0, 1.0, 100, 0.5),
        length=60,
        precision=0.08,
    ),
    impatient(
        "EA-b",
        110.0,
        100,
        exponential(2.0),
        lambda: exact.erlang_a(110.0, 1.0, 100, 0.5),
        length=40,
        precision=0.06,
    ),
    impatient(
        "EA-c",
        100.0 / 6.0,
        18,
        exponential(2.0),
        lambda: exact.erlang_a(100.0 / 6.0, 1.0, 18, 0.5),
        length=150,
        precision=0.06,
    ),
    impatient(
        "MMcD-a",
        10.0,
        10,
        constant(1.0),
        lambda: exact.constant_patience(10.0, 1.0, 10, 1.0),
        length=250,
        precision=0.06,
        rows=("Pab", "EW"),
    ),
    Case(
        "PEER-simmer",
        partial(
            queue,
            station=Station("queue", 0, exponential(0.25)),
            streams=[poisson(3.0)],
            servers=2,
            room=3,
            warm_up=20,
            length=700,
            copies=RUNS,
        ),
        1,
        (
            Measure("PEER-simmer-N", mean_present, lambda: exact.mmck(3.0, 4.0, 2, 3)[0]),
            Measure("PEER-simmer-rej", share_with(Outcome.FULL), lambda: exact.mmck(3.0, 4.0, 2, 3)[1]),
        ),
    ),
)

OTHER_LAWS = (
    one_server(
        "MG1-a",
        [poisson(0.8)],
        Station("queue", 0, lognormal(1.0, 1.5)),
        lambda: exact.pollaczek_khinchine(0.8, 1.0, exact.second_moment(1.0, 1.5)),
        warm_up=1300,
        length=8000,
        precision=0.07,
    ),
    one_server(
        "MG1-b",
        [poisson(0.7)],
        Station("queue", 0, gamma(1.0, 0.5)),
        lambda: exact.pollaczek_khinchine(0.7, 1.0, exact.second_moment(1.0, 0.5)),
        warm_up=200,
        length=3000,
    ),
    one_server(
        "MG1-c",
        [poisson(0.9)],
        Station("queue", 0, constant(1.0)),
        lambda: exact.pollaczek_khinchine(0.9, 1.0, 1.0),
        warm_up=1800,
        length=6000,
    ),
    one_server(
        "MG1-d",
        [poisson(0.15, profile="long"), poisson(0.35, profile="short")],
        Station("queue", 0, {"long": exponential(2.0), "short": exponential(0.5)}),
        lambda: exact.pollaczek_khinchine(0.5, 0.3 * 2.0 + 0.7 * 0.5, 0.3 * 8.0 + 0.7 * 0.5),
        warm_up=250,
        length=5000,
    ),
    # a quarter of those called in are absent, and each costs 0.4 of adviser time
    one_server(
        "no-show",
        [poisson(0.8)],
        Station("queue", 0, exponential(1.0), no_show=NoShow(share=0.25, slot_s=seconds(0.4))),
        lambda: exact.pollaczek_khinchine(0.8, 0.75 + 0.25 * 0.4, 0.75 * 2.0 + 0.25 * 0.4**2),
        warm_up=350,
        length=5000,
        runs=120,
    ),
    # the adviser is released after both, whose variances add up
    one_server(
        "back-office",
        [poisson(0.8)],
        Station("queue", 0, gamma(0.5, 0.5), back_office=lognormal(0.4, 0.8)),
        lambda: exact.pollaczek_khinchine(0.8, 0.9, 0.9**2 + (0.5 * 0.5) ** 2 + (0.4 * 0.8) ** 2),
        warm_up=250,
        length=4000,
    ),
    mdc("MDC-a", 1.8, 2, warm_up=900, length=4000),
    mdc("MDC-c", 9.0, 10, warm_up=180, length=800),
    mdc("MDC-d", 45.0, 50, warm_up=40, length=180),
    one_server(
        "DM1-a",
        [regular(1.25)],
        _EXPONENTIAL,
        lambda: exact.dmc(1.25, 1.0, 1)[0],
        warm_up=400,
        length=4000,
        runs=96,
    ),
    Case(
        "DMC-a",
        partial(
            queue,
            station=_EXPONENTIAL,
            streams=[regular(1.0 / 4.5)],
            servers=5,
            warm_up=360,
            length=2000,
        ),
        RUNS,
        (
            Measure("DMC-a-Wq", mean_time_in_queue, lambda: exact.dmc(1.0 / 4.5, 1.0, 5)[0], 0.08),
            Measure("DMC-a-Pw", share_waiting, lambda: exact.dmc(1.0 / 4.5, 1.0, 5)[1]),
        ),
    ),
)
