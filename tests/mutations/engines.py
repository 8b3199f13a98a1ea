"""Bugs of the engines: rules, the readable engine, the compiled one."""

from __future__ import annotations

from mutations.mutant import Mutant

_BY_HAND, _TWO = "engines/test_rules_by_hand.py", "engines/test_two_engines.py"
_RULES = (_BY_HAND, "engines/test_engine_laws.py")
#: A bug of one engine alone is seen by hand, or beside the other.
_ONE = (_BY_HAND, _TWO)
_COMMISSION = ("engines/test_commission.py",)
_OVERFLOW = ("engines/test_overflow.py", _TWO)
_REFERENT = ("engines/test_referent.py", _TWO)
_HANDED = ("engines/test_hand_over.py", _TWO)


def _rules(what: str, old: str, new: str, answer: str = "") -> Mutant:
    return Mutant("engine/rules.py", what, old, new, _RULES, answer)


def _simpy(
    file: str, what: str, old: str, new: str, tests: tuple[str, ...] = _ONE, answer: str = ""
) -> Mutant:
    return Mutant(f"engine/{file}.py", what, old, new, tests, answer)


def _kernel(
    file: str, what: str, old: str, new: str, tests: tuple[str, ...] = _ONE, answer: str = ""
) -> Mutant:
    return Mutant(f"engine/kernel/{file}.py", what, old, new, tests, answer)


ENGINES = (
    _rules("an opening lasts a second more", "if closes[middle] > second:", "if closes[middle] >= second:"),
    _rules(
        "a team is closed in its first second",
        "return opening < last and opens[opening] <= second",
        "return opening < last and opens[opening] < second",
    ),
    _rules(
        "work that fills an opening goes on the next day",
        "if begin + remaining <= closes[opening]:",
        "if begin + remaining < closes[opening]:",
    ),
    _rules(
        "work counts the whole opening it began in",
        "remaining -= closes[opening] - begin",
        "remaining -= closes[opening] - opens[opening]",
    ),
    _rules(
        "a try is made in the second of closing",
        "if opens[piece] <= wanted < closes[piece]:",
        "if opens[piece] <= wanted <= closes[piece]:",
    ),
    _rules(
        "a branch is taken once more than its maximum",
        "exhausted = 0 <= repeat_max[branch] <= repeats",
        "exhausted = 0 <= repeat_max[branch] < repeats",
    ),
    _rules(
        "a branch takes one draw more", "draw < threshold[branch] and", "draw <= threshold[branch] and"
    ),
    # -- the readable engine
    _simpy(
        "calling",
        "who leaves in this second is still called",
        "if person.leaves == NEVER or person.leaves > self.now:",
        "if person.leaves == NEVER or person.leaves >= self.now:",
    ),
    _simpy(
        "calling",
        "a slot that ends at closing does not fit",
        "[head.profile] > closing:",
        "[head.profile] >= closing:",
    ),
    _simpy("calling", "the last comer is called", "rank > best:", "rank < best:"),
    _simpy(
        "calling",
        "back office is forgotten",
        "person.released = self.worked(team, person.ended, work)",
        "person.released = person.ended",
    ),
    _simpy(
        "calling",
        "an absence takes no time",
        "person.ended = person.released = now + self.net.no_show_slot[station]",
        "person.ended = person.released = now",
    ),
    _simpy(
        "calling",
        "published delays count a second more",
        "self.waited[person.queue] += now - person.joined",
        "self.waited[person.queue] += now - person.joined + 1",
        _OVERFLOW,
    ),
    _simpy(
        "calling",
        "an adviser follows who did not come",
        "if person.outcome == Outcome.SERVED and self.follows(person.queue):",
        "if self.follows(person.queue):",
        _REFERENT,
    ),
    _simpy(
        "onward",
        "an appointment more after an absence",
        "if person.rebooks < net.rebook_max[station]:",
        "if person.rebooks <= net.rebook_max[station]:",
    ),
    _simpy(
        "onward",
        "a try more",
        "if person.retries < net.retry_max[station]:",
        "if person.retries <= net.retry_max[station]:",
    ),
    _simpy(
        "onward",
        "who was turned away comes back in the same second",
        "wait = max(wait, 1)",
        "wait = max(wait, 0)",
    ),
    _simpy(
        "simpy_engine",
        "a room holds one more",
        "elif 0 <= room <= self.present[queue]:",
        "elif 0 <= room < self.present[queue]:",
    ),
    _simpy(
        "simpy_engine",
        "who was not let in leaves a place",
        "self.present[person.queue] -= person.outcome not in (Outcome.CLOSED, Outcome.FULL)",
        "self.present[person.queue] -= 1",
    ),
    _simpy(
        "simpy_engine",
        "a delay equal to the threshold sends on",
        "if self.published[home] <= self.net.choice_threshold[choice]:",
        "if self.published[home] < self.net.choice_threshold[choice]:",
        _OVERFLOW,
    ),
    _simpy(
        "simpy_engine",
        "who leaves at the end has left",
        "if person.status == Status.WAITING and NEVER < person.leaves < self.end:",
        "if person.status == Status.WAITING and NEVER < person.leaves <= self.end:",
    ),
    _simpy(
        "dates", "a file that costs what is left is refused", "[person.profile] > left:",
        "[person.profile] >= left:", _COMMISSION,
    ),
    _simpy(
        "dates",
        "what a commission does not spend is kept",
        "self.unspent[queue] = left if self.net.carries_budget[queue] else 0",
        "self.unspent[queue] = left",
        _COMMISSION,
    ),
    _simpy(
        "dates",
        "a session needs one more",
        "held = len(taken) >= self.net.session_least[queue]",
        "held = len(taken) > self.net.session_least[queue]",
    ),
    _simpy(
        "dates",
        "a queue that calls nobody has no delay",
        "self.published[queue] = 0 if joined == NEVER else self.now - joined",
        "self.published[queue] = 0",
        _OVERFLOW,
    ),
    _simpy(
        "parts", "any idle adviser is taken", "return heapq.heappop(self.idle)", "return self.idle.pop()"
    ),
    # -- the compiled engine
    _kernel(
        "calling",
        "who leaves in this second is still called",
        "if leaves == NEVER or leaves > now:",
        "if leaves == NEVER or leaves >= now:",
    ),
    _kernel(
        "calling",
        "the last comer is called",
        "return first.joined < second.joined",
        "return first.joined > second.joined",
    ),
    _kernel(
        "calling",
        "back office is worked at night",
        "person.released = worked(w, team, person.ended, signed(person.back_office))",
        "person.released = person.ended + signed(person.back_office)",
    ),
    _kernel(
        "joining",
        "a room holds one more",
        "elif 0 <= queue.room <= queue.present:",
        "elif 0 <= queue.room < queue.present:",
    ),
    _kernel(
        "joining",
        "a delay equal to the threshold sends on",
        "if queue_at(w, home).published > int_at(w.choice_threshold, choice):",
        "if queue_at(w, home).published >= int_at(w.choice_threshold, choice):",
        _OVERFLOW,
    ),
    _kernel(
        "joining",
        "a file that costs what is left is refused",
        "terms_at(w, slot).file_cost <= left:",
        "terms_at(w, slot).file_cost < left:",
        _COMMISSION,
    ),
    _kernel(
        "joining",
        "who waits for his adviser forgets his patience",
        "second = min(second, freed_at(w, slot))",
        "second = freed_at(w, slot)",
        _REFERENT,
    ),
    _kernel(
        "onward",
        "who was refused a place leaves one",
        "if person.outcome != CLOSED and person.outcome != FULL:\n        queue.present",
        "if person.outcome != CLOSED:\n        queue.present",
    ),
    _kernel(
        "onward",
        "a try more",
        "if person.retries < station.retry_max:",
        "if person.retries <= station.retry_max:",
    ),
    _kernel(
        "onward",
        "an adviser follows for ever",
        "put_int(w.followed, before, int_at(w.followed, before) - 1)",
        "put_int(w.followed, before, int_at(w.followed, before))",
        _REFERENT,
    ),
    _kernel(
        "loop",
        "who leaves as a queue closes is let go",
        "if NEVER < person.leaves < w.now:",
        "if NEVER < person.leaves <= w.now:",
        _HANDED,
    ),
    _kernel(
        "agenda",
        "looks of this second are missed",
        "first = max(w.now - begin, 0)",
        "first = max(w.now - begin + 1, 0)",
    ),
)  # fmt: skip
