"""Which filters a person's own moves speak for."""

from courrier.events.families.configuration import FilterFields
from courrier.gateway.domain.suggesting import Move, Suggestion, criteria, suggestions

BILLS, LISTS = "1" * 32, "2" * 32
ANN, BOB = "ann@shop.example", "bob@shop.example"


def moves(*of: tuple[str, str | None], folder: str = BILLS) -> list[Move]:
    """Return moves into a folder, each of a sender and perhaps a list."""
    return [Move(f"{folder}{n}", folder, sender, name) for n, (sender, name) in enumerate(of)]


def rule(folder: str = BILLS, **criterion: str) -> FilterFields:
    """Return a filter that moves."""
    fields = {"name": "x", "scope": "user", "action": "move", "folder_id": folder}
    return FilterFields.model_validate(fields | criterion)


def test_three_like_moves_speak_for_a_filter() -> None:
    """Two do not; letters may be capital or not."""
    two = moves((ANN, None), (ANN, None))
    three = moves((ANN, None), (ANN.upper(), None), (ANN, None))

    assert [] == suggestions(two, [], ())
    assert [Suggestion("sender", ANN, BILLS, 3)] == suggestions(three, [], ())
    assert {"from": ANN} == criteria(suggestions(three, [], ())[0])


def test_what_is_like_goes_into_one_folder() -> None:
    """Two here and one there are three moves of two kinds."""
    mixed = [*moves((ANN, None), (ANN, None)), *moves((ANN, None), folder=LISTS)]

    assert [] == suggestions(mixed, [], ())


def test_a_list_comes_before_its_senders_and_a_sender_before_the_domain() -> None:
    """Each move counts once, for the narrowest likeness that has enough."""
    of_list = moves(*[(f"p{n}@x.example", "News.x.example") for n in range(4)], folder=LISTS)
    of_domain = moves((ANN, None), (BOB, None), (ANN, None))

    assert [("list", "news.x.example", 4), ("domain", "shop.example", 3)] == [
        (each.by, each.value, each.moves) for each in suggestions([*of_list, *of_domain], [], ())
    ]
    assert {"list_id": "news.x.example"} == criteria(suggestions(of_list, [], ())[0])
    assert {"from": "*@shop.example"} == criteria(suggestions(of_domain, [], ())[0])


def test_a_domain_of_everybody_speaks_for_nothing() -> None:
    """Three people of one provider are three people."""
    assert [] == suggestions(moves(*[(f"p{n}@gmail.com", None) for n in range(5)]), [], ())


def test_what_a_filter_does_or_was_not_wanted_is_not_suggested() -> None:
    """Another folder, or another sender, is another suggestion."""
    three = moves((ANN, None), (ANN, None), (ANN, None))
    (found,) = suggestions(three, [rule(LISTS, **{"from": ANN}), rule(**{"from": BOB})], ())

    assert [] == suggestions(three, [rule(**{"from": ANN.upper()})], ())
    assert [] == suggestions(three, [], {found.id})
