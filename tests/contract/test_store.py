"""What every store promises of itself: ids and accounts. The rest is in the files beside this one."""

import asyncio
from dataclasses import replace

import pytest

from gateway.domain.account import Account
from gateway.domain.errors import IdsExhausted
from gateway.domain.intent import FIRST_ID_DEFAULT, LAST_ID, OutcomeKind
from gateway.ports import Store
from tests.contract.making import (
    NOON,
)

OPEN, QUEUE, LOST = OutcomeKind.OPEN, OutcomeKind.QUEUED, OutcomeKind.UNKNOWN


# ---- the store itself --------------------------------------------------------------------------------------


async def test_store_id_is_eight_hex_digits(store: Store) -> None:
    assert len(store.store_id) == 8
    assert int(store.store_id, 16) >= 0


async def test_a_store_that_works_answers_a_ping(store: Store) -> None:
    await store.ping()


async def test_leased_ids_start_at_the_first_id_and_never_overlap(store: Store) -> None:
    leases = await asyncio.gather(*(store.lease_ids(count) for count in (1, 100, 7, 501)))
    ids = sorted(number for lease in leases for number in lease)
    assert ids == list(range(FIRST_ID_DEFAULT, FIRST_ID_DEFAULT + 609))


async def test_ids_end_at_the_largest_signed_32_bit_integer(store: Store) -> None:
    await store.lease_ids(LAST_ID - FIRST_ID_DEFAULT - 1)
    with pytest.raises(IdsExhausted):
        await store.lease_ids(3)
    assert list(await store.lease_ids(2)) == [LAST_ID - 1, LAST_ID]
    with pytest.raises(IdsExhausted):
        await store.lease_ids(1)


# ---- accounts ----------------------------------------------------------------------------------------------


def _account(account_id: str = "ip1-12345", key_hash: str = "$argon2id$a") -> Account:
    return Account(
        account_id=account_id,
        api_key_hash=key_hash,
        token_sealed=b"\x00\xff sealed",
        token_fingerprint=b"fp-" + account_id.encode(),
        created_at=NOON,
    )


async def test_an_account_is_found_in_any_case_as_it_was_saved(store: Store) -> None:
    account = _account("IP1-12345")
    await store.save_account(account)
    assert await store.find_account("ip1-12345") == account
    assert await store.find_account("Ip1-12345") == account
    assert await store.find_account("ip1-1234") is None


async def test_saving_an_account_again_replaces_it(store: Store) -> None:
    await store.save_account(_account())
    changed = replace(_account("IP1-12345", "$argon2id$b"), token_sealed=None, token_file="/run/token")
    await store.save_account(changed)
    assert await store.list_accounts() == [changed]


async def test_an_account_is_found_by_its_token(store: Store) -> None:
    await store.save_account(_account("ip1-1"))
    await store.save_account(_account("ip1-2"))
    await store.save_account(replace(_account("ip1-3"), token_fingerprint=None))
    assert await store.find_account_by_token(b"fp-ip1-2") == _account("ip1-2")
    assert await store.find_account_by_token(b"fp-ip1-3") is None


async def test_a_deleted_account_is_gone_and_the_others_are_listed_by_id(store: Store) -> None:
    for account_id in ("ip1-3", "ip1-1", "ip1-2"):
        await store.save_account(_account(account_id))
    assert await store.delete_account("IP1-2") is True
    assert await store.delete_account("ip1-2") is False
    assert [account.account_id for account in await store.list_accounts()] == ["ip1-1", "ip1-3"]
