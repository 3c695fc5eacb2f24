"""How v2 is reached."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamSettings:
    """Where v2 is, and how long we wait for it.

    `connect_timeout_seconds`: for a new connection, name look-up and TLS with it. `pool_timeout_seconds`: for a
    free place among `pool_size` connections. `total_timeout_seconds`: for one call with all its repeats; more than
    the two together. `retries`: how often a call is repeated that surely changed nothing. `max_answer_bytes`:
    longer answers are not read. `delivery_report_url`: where v2 posts what becomes of messages (None: nowhere).
    """

    base_url: str = "https://api.ip1sms.com"
    connect_timeout_seconds: float = 3.0
    pool_timeout_seconds: float = 2.0
    total_timeout_seconds: float = 10.0
    pool_size: int = 256
    retries: int = 2
    max_answer_bytes: int = 4 * 1024 * 1024
    delivery_report_url: str | None = None
    user_agent: str = "sendsms-gateway"
