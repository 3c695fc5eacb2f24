"""From an order to intents: what is checked, what is dropped, which ids go where."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from gateway.domain.account import AccountSettings
from gateway.domain.errors import BadParameter, InvalidRecipient, InvalidSender
from gateway.domain.intent import Draft, Intent, draft, parse_reference, plan_intents, render_reference
from gateway.domain.sms import Interface, Order

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def order(**changes: object) -> Order:
    given: dict[str, object] = {
        "interface": Interface.REST,
        "sender": "iP.1",
        "recipients": ("46701234567",),
        "body": "Hej",
    }
    return Order(**(given | changes))  # type: ignore[arg-type]  # a test's shorthand


def plan(drafted: Draft, first_id: int = 5000) -> Sequence[Intent]:
    ids = range(first_id, first_id + drafted.id_count)
    return plan_intents(drafted, ids=ids, account_id="ip1-1", store_id="0a1b2c3d", now=NOON)


def test_one_recipient_is_one_message_without_a_bundle() -> None:
    (intent,) = plan(draft(order(), AccountSettings()))
    assert (intent.id, intent.bundle_id, intent.recipients) == (5000, None, ("46701234567",))
    assert intent.sender == "iP1"


def test_several_recipients_are_a_bundle_whose_id_comes_first() -> None:
    (intent,) = plan(draft(order(recipients=("46701234567", "0701234568")), AccountSettings()))
    assert intent.bundle_id == 5000
    assert [(message.id, message.recipient) for message in intent.messages] == [
        (5001, "46701234567"),
        (5002, "46701234568"),
    ]


def test_the_same_number_in_two_spellings_is_one_message() -> None:
    drafted = draft(order(recipients=("+46701234567", "070-123 45 67")), AccountSettings())
    assert drafted.id_count == 1


def test_more_than_500_recipients_become_several_intents_of_one_bundle() -> None:
    numbers = tuple(f"4670{number:07}" for number in range(1200))
    intents = plan(draft(order(recipients=numbers), AccountSettings()))
    assert [len(intent.messages) for intent in intents] == [500, 500, 200]
    assert {intent.bundle_id for intent in intents} == {5000}
    assert [message.id for intent in intents for message in intent.messages] == list(range(5001, 6201))
    assert len({intent.reference for intent in intents}) == 3


def test_a_recipient_that_is_no_number_fails_alone() -> None:
    (intent,) = plan(draft(order(recipients=("46701234567", "kalle")), AccountSettings()))
    assert intent.recipients == ("46701234567",)
    assert [message.refused for message in intent.messages] == [None, 409]


def test_what_was_written_in_a_numbers_place_is_kept_as_far_as_it_can_be_shown() -> None:
    (intent,) = plan(draft(order(recipients=("46701234567", "k\x00\ud83da" + "x" * 99)), AccountSettings()))
    assert intent.messages[1].recipient == "ka" + "x" * 38


def test_a_list_without_any_number_is_refused() -> None:
    with pytest.raises(InvalidRecipient):
        draft(order(recipients=("kalle", "olle")), AccountSettings())


def test_no_recipient_at_all_is_a_missing_parameter() -> None:
    with pytest.raises(BadParameter, match=r"^to: is missing"):
        draft(order(recipients=()), AccountSettings())


def test_an_account_maps_senders_that_v2_would_refuse() -> None:
    settings = AccountSettings(senders={"Bokningsbekräftelse": "Bokning"})
    assert draft(order(sender="Bokningsbekräftelse"), settings).sender == "Bokning"


def test_an_account_can_have_a_sender_for_calls_without_one() -> None:
    assert draft(order(sender=None), AccountSettings(default_sender="Taxi")).sender == "Taxi"
    with pytest.raises(BadParameter, match=r"^from: is missing"):
        draft(order(sender=None), AccountSettings())
    with pytest.raises(InvalidSender):
        draft(order(sender="ab"), AccountSettings(default_sender="Taxi"))


def test_template_values_follow_their_number_in_any_spelling() -> None:
    drafted = draft(order(values={"070-123 45 67": {"n": "1"}, "default": {"n": "2"}}), AccountSettings())
    assert drafted.values == {"46701234567": {"n": "1"}, "default": {"n": "2"}}


def test_a_reference_leads_back_to_its_intent_and_to_no_other_store() -> None:
    reference = render_reference("0a1b2c3d", 2**31 - 1)
    assert len(reference) <= 40
    assert parse_reference(reference, "0a1b2c3d") == 2**31 - 1
    assert parse_reference(reference, "ffffffff") is None
    assert parse_reference("somebody else's", "0a1b2c3d") is None
    assert parse_reference(None, "0a1b2c3d") is None
