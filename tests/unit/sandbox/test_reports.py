"""Delivery reports, as a customer's web server gets them."""

import asyncio

import pytest

from tests.unit.sandbox.harness import OTHER_PHONE, PHONE, Customer, arm, open_sandbox, send, until

ALL_THE_WAY = [102, 103, 110, 111, 112, 113, 201]


async def test_every_change_of_status_is_posted_in_order() -> None:
    customer = Customer()
    async with customer.listen() as url, open_sandbox() as client:
        batch = await send(client, deliveryReportUrl=url, reference="mine")
        await until(lambda: customer.get_codes() == ALL_THE_WAY)
        first, last = customer.got[0], customer.got[-1]
        assert first.pop("id") == last.pop("id")
        assert first.pop("created") <= last.pop("created")
        unchanging = {
            "batchId": batch["id"],
            "recipient": PHONE,
            "segments": 1,
            "price": 0.39,
            "currency": "SEK",
            "reference": "mine",
        }
        assert first == unchanging | {"code": 102, "duration": 0}
        assert last == unchanging | {"code": 201, "duration": 1}


async def test_503_is_reported_as_not_final() -> None:
    customer = Customer()
    async with customer.listen() as url, open_sandbox() as client:
        await send(client, deliveryReportUrl=url, recipients=["46700000503"])
        await until(lambda: len(customer.got) == 7)
        assert [(report["code"], report["duration"]) for report in customer.got[-1:]] == [(503, 0)]


async def test_each_recipient_has_its_own_reports() -> None:
    customer = Customer()
    async with customer.listen() as url, open_sandbox() as client:
        await send(client, deliveryReportUrl=url, recipients=[PHONE, "46700000409"])
        await until(lambda: customer.get_codes() == ALL_THE_WAY)
        await until(lambda: customer.get_codes("46700000409") == [409])


@pytest.mark.parametrize("status", [201, 204, 302, 404, 500])
async def test_any_answer_but_200_is_tried_again(status: int) -> None:
    customer = Customer()
    customer.answers = [status, status]
    async with customer.listen() as url, open_sandbox() as client:
        await send(client, deliveryReportUrl=url, recipients=["46700000409"])
        await until(lambda: len(customer.got) == 3)
        assert customer.got[0] == customer.got[1] == customer.got[2]


async def test_a_report_is_dropped_after_its_last_attempt() -> None:
    customer = Customer()
    customer.answers = [500] * 100
    async with customer.listen() as url, open_sandbox() as client:
        await send(client, deliveryReportUrl=url, recipients=["46700000409"])
        await until(lambda: len(customer.got) == 11)
        await asyncio.sleep(0.1)  # ten times the retry interval
        assert len(customer.got) == 11


async def test_a_customer_that_is_not_there_yet_gets_the_report_later() -> None:
    customer, nobody = Customer(), "http://127.0.0.1:9/news"
    async with customer.listen() as url, open_sandbox() as client:
        await send(client, deliveryReportUrl=nobody)
        await send(client, deliveryReportUrl="http://999.999.999.999/")
        await send(client, deliveryReportUrl=url, recipients=[OTHER_PHONE])
        await until(lambda: customer.get_codes(OTHER_PHONE) == ALL_THE_WAY)


async def test_reports_can_come_twice() -> None:
    customer = Customer()
    async with customer.listen() as url, open_sandbox() as client:
        await arm(client, {"kind": "duplicate_reports"})
        await send(client, deliveryReportUrl=url, recipients=["46700000102", "46700000409"])
        await until(lambda: len(customer.got) == 4)
        assert customer.get_codes("46700000102") == [102, 102]
        assert customer.get_codes("46700000409") == [409, 409]


async def test_a_counted_report_fault_hits_that_many_reports() -> None:
    customer = Customer()
    async with customer.listen() as url, open_sandbox() as client:
        await arm(client, {"kind": "duplicate_reports", "count": 1})
        await send(client, deliveryReportUrl=url)
        await until(lambda: customer.get_codes() == [102, *ALL_THE_WAY])


async def test_reports_can_come_newest_first() -> None:
    customer = Customer()
    async with customer.listen() as url, open_sandbox() as client:
        await arm(client, {"kind": "reorder_reports"})
        await send(client, deliveryReportUrl=url)
        await until(lambda: customer.get_codes() == ALL_THE_WAY[::-1])


async def test_reports_can_come_twice_and_newest_first() -> None:
    customer = Customer()
    async with customer.listen() as url, open_sandbox() as client:
        await arm(client, {"kind": "reorder_reports"}, {"kind": "duplicate_reports", "count": 2})
        await send(client, deliveryReportUrl=url, recipients=["46700000103"])
        await until(lambda: customer.get_codes("46700000103") == [103, 103, 102, 102])


async def test_a_report_fault_leaves_requests_alone() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "duplicate_reports"}, {"kind": "reorder_reports"})
        await send(client)
