"""The stand-in for v2 that counts what reaches it."""

from tests.bench.stub import Arrivals

POST = b"POST /v2/batches HTTP/1.1"
COUNT, RECIPIENTS = b"GET /count HTTP/1.1", b"GET /recipients HTTP/1.1"


def ask(arrivals: Arrivals, question: bytes) -> int:
    answer = arrivals.answer_question(question)
    assert answer is not None
    return int(answer.rpartition(b"\r\n")[2])


def test_every_batch_is_counted_and_gets_an_id_of_its_own() -> None:
    arrivals = Arrivals()
    answers = {arrivals.answer(POST, b'{"recipients":["46701234567"]}') for _ in range(3)}
    assert len(answers) == 3
    assert ask(arrivals, COUNT) == 3


def test_recipients_are_counted_where_that_is_asked_for() -> None:
    counting, other = Arrivals(counts_recipients=True), Arrivals()
    for arrivals in (counting, other):
        arrivals.answer(POST, b'{"recipients":["46701234567","46701234568"]}')
        arrivals.answer(POST, b'{"recipients":["46701234569"]}')
    assert ask(counting, RECIPIENTS) == 3
    assert ask(other, RECIPIENTS) == 0


def test_questions_are_not_counted() -> None:
    arrivals = Arrivals()
    ask(arrivals, COUNT)
    assert ask(arrivals, COUNT) == 0
