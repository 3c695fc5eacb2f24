"""The rows of the table and their goals. What each contender is: lineup.py."""

from dataclasses import dataclass

from gateway.domain.intent import FIRST_ID_DEFAULT
from tests.bench.lineup import SLOW_CALLERS

CALLERS = 64
MANY_CALLERS = 256  # as many as fill the commits of two workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What the rate must be, as a ratio to that of the row `over` in the same round; a higher one is better."""

    over: str = "bare"
    must: float
    aim: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. `base` is the row that the table and the plot compare it with.

    The rate is that of calls that reached the upstream; with `counts_answers`, that of answers. `joins` is for many
    messages in one call of the upstream: there may be at most so many calls for each message.
    """

    name: str
    title: str
    contender: str
    kind: str
    arguments: tuple[str, ...] = ()
    callers: int = CALLERS
    base: str = "bare"
    goals: tuple[Goal, ...] = ()
    counts_answers: bool = False
    joins: float | None = None

    @property
    def compared_with(self) -> frozenset[str]:
        """The rows that it has a ratio to."""
        return frozenset({self.base, *(goal.over for goal in self.goals)})

    @property
    def ours(self) -> bool:
        """Whether it is this gateway, of whatever settings."""
        return "gateway" in self.contender


def one_caller(name: str, title: str, recipients: str, *, base: str, must: float | None = None) -> Row:
    """Calls one after the other over REST, each to so many recipients."""
    return Row(
        name=name,
        title=f"one caller, {title}",
        contender="gateway",
        kind="list",
        arguments=(recipients,),
        callers=1,
        base=base,
        goals=(Goal(over=base, must=must),) if must else (),
        counts_answers=True,
    )


def many_callers(name: str, title: str, contender: str, *goals: Goal, kind: str = "aspx") -> Row:
    """As many callers as fill the commits of two workers; compared with what its first goal is over, if any."""
    return Row(
        name=name,
        title=f"{MANY_CALLERS} callers: {title}",
        contender=contender,
        kind=kind,
        callers=MANY_CALLERS,
        base=goals[0].over if goals else name,
        goals=goals,
    )


ROWS = (
    Row(name="bare", title="bare aiohttp pass-through", contender="bare", kind="aspx"),
    Row(name="two-bare", title="bare aiohttp pass-through, two processes", contender="two-bare", kind="aspx"),
    Row(name="nginx", title="nginx as a reverse proxy", contender="nginx", kind="aspx"),
    Row(name="newcomer", title="Spyne's WSGI server, requests, gunicorn", contender="newcomer", kind="soap"),
    Row(name="kannel-10", title="Kannel, no store, 10 pending", contender="kannel-10", kind="kannel"),
    Row(name="kannel-100", title="Kannel, no store, 100 pending", contender="kannel-100", kind="kannel"),
    Row(name="kannel-spool", title="Kannel, durable spool", contender="kannel-spool", kind="kannel"),
    Row(
        name="aspx",
        title="gateway: ASPX",
        contender="gateway",
        kind="aspx",
        goals=(Goal(must=0.75, aim=0.90),),
    ),
    Row(
        name="rest",
        title="gateway: REST, one recipient",
        contender="gateway",
        kind="rest",
        goals=(Goal(must=0.70, aim=0.85),),
    ),
    Row(
        name="soap",
        title="gateway: SOAP 1.1",
        contender="gateway",
        kind="soap",
        goals=(Goal(must=0.65, aim=0.85),),
    ),
    Row(
        name="status",
        title="gateway: status query `sent/{id}`",
        contender="gateway",
        kind="status",
        arguments=(str(FIRST_ID_DEFAULT),),
        goals=(Goal(must=1.5, aim=2.0),),
        counts_answers=True,
    ),
    Row(
        name="coalescing",
        title="gateway: ASPX, coalescing",
        contender="coalescing-gateway",
        kind="aspx",
        goals=(Goal(must=2.0),),
        counts_answers=True,
        joins=1 / 50,
    ),
    Row(
        name="postgres",
        title="gateway on PostgreSQL: ASPX",
        contender="postgres-gateway",
        kind="aspx",
        goals=(Goal(over="aspx", must=0.8),),
    ),
    Row(
        name="workers",
        title="gateway on PostgreSQL: ASPX, two workers",
        contender="workers-gateway",
        kind="aspx",
    ),
    Row(
        name="nodes",
        title="gateway on PostgreSQL: ASPX, two nodes",
        contender="nodes-gateway",
        kind="aspx",
    ),
    many_callers("many-kannel-spool", "Kannel, durable spool", "kannel-spool", kind="kannel"),
    many_callers("many-postgres", "gateway on PostgreSQL", "postgres-gateway"),
    many_callers(
        "many-workers",
        "gateway on PostgreSQL, two workers",
        "workers-gateway",
        Goal(over="many-postgres", must=1.4, aim=1.7),
        Goal(over="many-kannel-spool", must=2.0, aim=3.0),
    ),
    many_callers(
        "many-nodes",
        "gateway on PostgreSQL, two nodes",
        "nodes-gateway",
        Goal(over="many-postgres", must=1.0),
    ),
    Row(
        name="slow-bare",
        title="upstream of 50 ms, 256 callers: bare",
        contender="slow-bare",
        kind="aspx",
        callers=SLOW_CALLERS,
        base="slow-bare",
    ),
    Row(
        name="slow-aspx",
        title="upstream of 50 ms, 256 callers: ASPX",
        contender="slow-gateway",
        kind="aspx",
        callers=SLOW_CALLERS,
        base="slow-bare",
        goals=(Goal(over="slow-bare", must=0.95),),
    ),
    one_caller("one", "one recipient", "1", base="one"),
    one_caller("list", "500 recipients", "500", base="one", must=1 / 20),
    one_caller("long-list", "10 000 recipients", "10000", base="list", must=1 / 22),
)
