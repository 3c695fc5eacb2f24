import pytest

from adapters.upstream.problems import mask, parse_problem, parse_retry_after
from gateway.domain import errors
from tests.unit.upstream.harness import BODY, PHONE


def problem(status: int, body: bytes = b"") -> errors.GatewayError:
    return parse_problem(status, body, retry_after_seconds=7.0, lost=errors.OutcomeUnknown)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (301, errors.UpstreamRefused),
        (302, errors.OutcomeUnknown),
        (303, errors.OutcomeUnknown),
        (308, errors.UpstreamRefused),
        (400, errors.UpstreamRefused),
        (401, errors.TokenRefused),
        (402, errors.InsufficientCredits),
        (403, errors.TokenRefused),
        (404, errors.UpstreamRefused),
        (405, errors.UpstreamRefused),
        (409, errors.UpstreamRefused),
        (415, errors.UpstreamRefused),
        (422, errors.UpstreamRefused),
        (429, errors.RateLimited),
        (500, errors.OutcomeUnknown),
        (502, errors.OutcomeUnknown),
        (503, errors.UpstreamUnavailable),
        (504, errors.OutcomeUnknown),
    ],
)
def test_each_status_is_its_own_error(status: int, expected: type[errors.GatewayError]) -> None:
    assert type(problem(status)) is expected


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_v2_asks_for_goes_along(status: int) -> None:
    error = problem(status)
    assert isinstance(error, errors.RateLimited | errors.UpstreamUnavailable)
    assert error.retry_after_seconds == 7.0


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"title":"no","errors":{"sender":["too long"]}}', errors.InvalidSender),
        (b'{"title":"no","errors":{"Recipients[3]":["no number"]}}', errors.InvalidRecipient),
        (b'{"title":"no","errors":{"$.recipients.46701234567":["no"]}}', errors.InvalidRecipient),
        (b'{"title":"no","errors":{"body":["blank"]}}', errors.InvalidBody),
        (b'{"title":"no","errors":{"reference":["long"],"body":["blank"]}}', errors.InvalidBody),
        (b'{"title":"no","errors":{"reference":["too long"]}}', errors.UpstreamRefused),
        (b'{"title":"no","errors":{"sender":"not a list"}}', errors.InvalidSender),
        (b'{"message":"The sender is not registered"}', errors.InvalidSender),
        (b'{"Message":"Recipients are required"}', errors.InvalidRecipient),
        (b'{"error":"recipient 46701234567 is no number"}', errors.InvalidRecipient),
        (b'{"message":"The request body is malformed"}', errors.UpstreamRefused),
        (b'{"errors":[1]}', errors.UpstreamRefused),
        (b'["no"]', errors.UpstreamRefused),
        (b"<html>no</html>", errors.UpstreamRefused),
        (b'{"message":"\xff"}', errors.UpstreamRefused),
        (b"", errors.UpstreamRefused),
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_the_field_named_decides_whose_mistake_it_is(
    status: int, body: bytes, expected: type[errors.GatewayError]
) -> None:
    assert type(problem(status, body)) is expected


@pytest.mark.parametrize(
    "body",
    [
        f'{{"errors":{{"body":["{BODY} is not allowed"]}}}}',
        f'{{"errors":{{"recipients":["{PHONE} is no number"]}}}}',
        f'{{"message":"recipient +46 70-123 45 67 got \\"{BODY}\\" from us"}}',
        f'{{"error":"{PHONE}: \'{BODY}\'"}}',
        f'{{"errors":{{"{PHONE}":["no"]}}}}',
    ],
)
def test_neither_text_nor_number_gets_into_an_error(body: str) -> None:
    text = str(problem(400, body.encode()))
    assert BODY not in text
    assert PHONE not in text
    assert "123" not in text


def test_an_error_says_what_v2_said() -> None:
    assert str(problem(400, b'{"errors":{"sender":["is not registered"]}}')) == (
        "sender: the provider refused it (400): is not registered"
    )


def test_a_masked_line_is_one_line_of_at_most_200_characters() -> None:
    assert mask("a\r\nb\tc") == "a b c"
    assert len(mask("no " * 500)) == 200
    assert mask("to 0046 (70) 123-45.67!") == "to …567!"


@pytest.mark.parametrize(
    ("written", "date", "expected"),
    [
        (None, None, None),
        ("120", None, 120.0),
        ("Sat, 21 Nov 2026 12:01:30 GMT", "Sat, 21 Nov 2026 12:00:00 GMT", 90.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", "Sat, 21 Nov 2026 12:00:00 GMT", 0.0),
        ("Sat, 21 Nov 2026 12:01:30 GMT", None, None),
        ("soon", "Sat, 21 Nov 2026 12:00:00 GMT", None),
        ("-5", None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    written: str | None, date: str | None, expected: float | None
) -> None:
    assert parse_retry_after(written, date) == expected
