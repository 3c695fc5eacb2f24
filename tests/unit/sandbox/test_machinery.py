"""Ids and the schedule."""

import asyncio
from contextlib import suppress

from adapters.sandbox.ids import IdMaker
from adapters.sandbox.schedule import Schedule
from tests.unit.sandbox.harness import TurnedClock, until


def test_ids_stay_in_order_and_unique_even_if_the_clock_is_set_back() -> None:
    clock, ids = TurnedClock(), IdMaker()
    made = [ids.make(clock())]
    for step in (0, 1, -100, 0, 50, 60):
        clock.turn(seconds=step)
        made.append(ids.make(clock()))
    assert made == sorted(set(made))
    assert {len(id_) for id_ in made} == {24}


def test_two_makers_make_different_ids() -> None:
    now = TurnedClock()()
    assert IdMaker().make(now) != IdMaker().make(now)


async def test_jobs_run_when_due_and_in_order() -> None:
    clock, done = TurnedClock(), list[int]()
    schedule = Schedule(clock)
    start = clock().timestamp()
    for due, number in ((2, 20), (1, 10), (1, 11), (90, 99)):
        schedule.add(start + due, lambda number=number: done.append(number))  # type: ignore[misc]  # bound now
    task = asyncio.create_task(schedule.run())
    clock.turn(seconds=60)
    await until(lambda: len(done) == 3)
    clock.turn(seconds=60)
    await until(lambda: len(done) == 4)
    assert done == [10, 11, 20, 99]
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_job_may_ask_for_more_and_others_still_have_their_turn() -> None:
    clock, count = TurnedClock(), list[None]()
    schedule = Schedule(clock)

    def again() -> None:
        count.append(None)
        schedule.add(clock().timestamp(), again)

    schedule.add(clock().timestamp(), again)
    task = asyncio.create_task(schedule.run())
    await until(lambda: len(count) > 1000)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
