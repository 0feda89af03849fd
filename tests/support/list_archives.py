"""Archives of mailing lists, made up: conversations among people with many mail programs.

What each program writes into its headers follows its documented habits; who answers whom is known,
so that threading can be judged: by `gold`, the conversation in which a message was written.
"""
# ruff: noqa: RUF001 (prefixes stand as mail programs write them)

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from courrier.mail.conversations import Headers

START = datetime(2024, 1, 1, tzinfo=UTC)
NOUNS = ("parser", "Drucker", "facture", "server", "index", "release", "Umlaut", "calendrier")
VERBS = ("crashes on", "needs", "verliert", "loses", "mag", "refuse", "replaces", "misses")
PROGRAMS = (
    *("whole",) * 8,  # Thunderbird, mutt, Gmail: In-Reply-To and all References
    *("last",) * 3,  # Eudora, many phones: In-Reply-To alone
    *("news",) * 2,  # news gateways: References alone
    *("cut",) * 3,  # long References cut to the first and the last
    "exchange",  # old Exchange: Thread-Index alone
    "prose",  # `In-Reply-To: Your message of Monday <ada@...>`
    "reading-mark",  # In-Reply-To with a date only
)
PREFIXES = (
    *("Re: ", "RE: ", "AW: ", "Re[2]: ", "Antw: ", "SV: ", "Rép : ", "回复：", "[list] Re: "),
)


@dataclass(frozen=True, slots=True)
class Post:
    """A message of the archive, its conversation and all its ancestors, the first one first."""

    headers: Headers
    gold: int
    ancestors: tuple[str, ...] = ()
    subject: str = ""


@dataclass(slots=True)
class Archive:
    """Makes ``posts``; the same seed gives the same archive. ``lost`` of 1 are not in it."""

    seed: int
    lost: float = 0.1
    chance: Random = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)

    def posts(self, conversations: int) -> list[Post]:
        """Return what is there of so many conversations, in the order of arrival."""
        kept = [
            post
            for gold in range(conversations)
            for post in self._conversation(gold)
            if self.chance.random() >= self.lost
        ]
        return sorted(kept, key=lambda post: post.headers.date or START)

    def _conversation(self, gold: int) -> Iterator[Post]:
        at = START + timedelta(hours=6 * gold)
        subject = f"{self.chance.choice(NOUNS)} {self.chance.choice(VERBS)} {gold * 7919 % 499}"
        if gold % 20 == 0:
            subject = self.chance.choice(("Question", "Hello", "Frage"))
        said = [self._post(gold, subject, at)]
        yield said[0]
        for _ in range(min(int(self.chance.expovariate(0.25)), 40)):
            at += timedelta(minutes=self.chance.expovariate(1 / 200))
            said.append(self._answer(self.chance.choice(said[-6:]), at))
            yield said[-1]

    def _post(self, gold: int, subject: str, at: datetime) -> Post:
        headers = Headers(
            key=f"k{self.number}",
            message_id=self._id(),
            subject=self.chance.choice(("", "[list] ")) + subject,
            date=at,
            sender=f"person{self.chance.randrange(50)}@example.test",
        )
        return Post(headers, gold, (), subject)

    def _answer(self, to: Post, at: datetime) -> Post:
        subject = to.subject
        if self.chance.random() < 0.03:
            subject = f"other words of {self.number} (was: {to.subject})"
        own = self._post(to.gold, subject, at)
        ancestors = (*to.ancestors, to.headers.message_id or "")
        headers = self._by_program(replace(own.headers, subject=None), to, ancestors)
        prefix = self.chance.choice(PREFIXES)
        return Post(replace(headers, subject=prefix + subject), to.gold, ancestors, subject)

    def _by_program(self, own: Headers, to: Post, ancestors: Sequence[str]) -> Headers:
        chain, parent = tuple(ancestors), ancestors[-1]
        if self.chance.random() < 0.02:
            digest = f"mailman.{to.gold % 40}.1700000000.1.list@lists.example.test"
            return replace(own, in_reply_to=digest)
        answered: dict[str, tuple[str | None, tuple[str, ...]]] = {
            "whole": (parent, chain[-20:]),
            "last": (parent, ()),
            "news": (None, chain),
            "cut": (parent, (chain[0], chain[-1])),
            "exchange": (None, ()),
            "prose": (to.headers.sender, ()),
            "reading-mark": ("2024-03-01T10:00:00", ()),
        }
        in_reply_to, references = answered[self.chance.choice(PROGRAMS)]
        return replace(own, in_reply_to=in_reply_to, references=references)

    def _id(self) -> str:
        self.number += 1
        return f"{self.chance.getrandbits(48):012x}.{self.number}@host{self.number % 9}.example"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of all pairs put together, the share that belongs together; and of those, the share found."""

    precision: float
    recall: float


def judge(posts: Sequence[Post], threads: Sequence[Sequence[str]]) -> Judgement:
    """Compare pairs of messages with the conversations they were written in."""
    gold = {post.headers.key: post.gold for post in posts}
    together = sum(map(_pairs, threads))
    right = 0
    for thread in threads:
        groups: dict[int, list[str]] = {}
        for key in thread:
            groups.setdefault(gold[key], []).append(key)
        right += sum(map(_pairs, groups.values()))
    belonging: dict[int, list[str]] = {}
    for key, number in gold.items():
        belonging.setdefault(number, []).append(key)
    return Judgement(right / together, right / sum(map(_pairs, belonging.values())))


def _pairs(group: Sequence[str]) -> int:
    return len(group) * (len(group) - 1) // 2
