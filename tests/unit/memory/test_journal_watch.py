"""Those who wait are woken by growth, ask the database rarely, and never miss a row."""

import asyncio

from vigie.memory.journal_watch import JournalWatch


class Elsewhere:
    """A journal that grows without telling us, and counts the questions."""

    def __init__(self) -> None:
        self.seq = 0
        self.polls = 0
        self.questions = 0
        self.watch = JournalWatch(self.last)

    async def last(self) -> int:
        self.polls += 1
        return self.seq

    async def has_newer(self, after: int) -> bool:
        self.questions += 1
        return self.seq > after

    async def wait(self, after: int, timeout_s: float) -> bool:
        return await self.watch.wait(after, timeout_s, self.has_newer)


async def test_many_who_wait_ask_as_one() -> None:
    journal = Elsewhere()
    waiting = [asyncio.create_task(journal.wait(0, 10)) for _ in range(50)]
    await asyncio.sleep(0.5)
    assert journal.polls <= 6
    assert journal.questions == 50
    journal.seq = 1
    assert all(await asyncio.gather(*waiting))


async def test_a_row_that_comes_during_the_question_is_not_missed() -> None:
    journal = Elsewhere()

    async def late_answer(after: int) -> bool:
        answer = journal.seq > after
        if not answer:
            journal.seq += 1
            journal.watch.saw(journal.seq)
        await asyncio.sleep(0)
        return answer

    assert await asyncio.wait_for(journal.watch.wait(0, 10, late_answer), 0.15)


async def test_who_gives_up_is_forgotten() -> None:
    journal = Elsewhere()
    waiting = asyncio.create_task(journal.wait(0, 10))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not await journal.wait(0, 0.01)
    assert journal.watch._waiting == set()
