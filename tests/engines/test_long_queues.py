"""A hundred thousand people waiting do not slow an event: counted in operations, never by the clock."""

import pytest

from cepsim.engine import simpy_engine
from cepsim.laws import constant
from cepsim.network import NetworkBuilder, SessionPlan
from cepsim.people.by_hand import Arrivals, already_waiting, make_tape

FEW, MANY = 300, 100_000


class Counting(simpy_engine.Simulation):
    """Counts what is scheduled and which entries of a sub-queue are looked at, once everybody is there."""

    scheduled = looked_at = 0

    def run(self):
        schedule, begin = self.env.schedule, self.begin

        def counted(event, *args, **options):
            self.scheduled += self.now > begin
            schedule(event, *args, **options)

        self.env.schedule = counted
        return super().run()

    def head(self, sub_queue):
        before = len(sub_queue.people)
        found = super().head(sub_queue)
        self.looked_at += (self.now > self.begin) * (1 + before - len(sub_queue.people))
        return found


def work(people, **queue):
    builder = NetworkBuilder()
    builder.queue("desk", team=builder.team("team", 2), service=constant(30), **queue)
    network = builder.compile()
    tape = make_tape(network, [Arrivals("desk", [-1] * people), Arrivals("desk", range(5, 1000, 10))])
    state = already_waiting(network, tape)
    run = Counting(network, tape, state, 0, 1500)
    trace, last = run.run()
    assert len(last.people) > people - 200
    assert min(run.scheduled, run.looked_at, len(trace.visits)) > 50
    return run.scheduled, run.looked_at, len(trace.visits)


@pytest.mark.parametrize(
    "queue",
    [
        {"patience": constant(10**7)},
        {"patience": constant(10**7), "room": 10**6},
        {"sessions": SessionPlan(list(range(100, 1500, 100)), 30, 5, 2)},
    ],
    ids=["patience settled", "patience as events", "sessions"],
)
def test_the_work_of_a_period_does_not_depend_on_how_many_wait(queue):
    assert work(MANY, **queue) == work(FEW, **queue)
