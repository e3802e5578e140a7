"""What every store of events must keep: whole batches, in order, durable, one writer at a time."""

import sys

import pytest

from celltrial.errors import InputError, RefusedError
from celltrial.record.canonical import GENESIS, compute_link
from celltrial.record.stores import create_store, open_store
from contracts.support import add, row, standing


def test_rows_come_back_as_they_were_added(store, place):
    """In order and byte by byte, all or those after a number, with the store's own head; after it is opened anew."""
    assert (store.read(), store.head()) == ([], (0, GENESIS))
    add(store, 1, 2)
    add(store, 3)
    again = open_store(place)
    for each in (store, again):
        assert each.read() == [row(1), row(2), row(3)]
        assert each.read(after=2) == [row(3)]
        assert each.head() == (3, row(3).hash)
        assert each.damage() == ()
    again.close()


def test_bytes_that_are_no_text_come_back(store):
    """What is hashed is bytes, whatever they are."""
    content = bytes(range(256))
    given = row(1)._replace(content=content, hash=compute_link(GENESIS, content), opening=content[::-1])
    with store.writing():
        store.add([given])
    assert store.read() == [given]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_batch_that_fails_leaves_nothing(store, failure):
    """Whatever goes wrong inside, nothing of the batch is stored, and the store can be written to again."""

    def add_and_fail():
        with store.writing():
            store.add([row(1)])
            store.keep([standing(1, 1)])
            raise failure

    with pytest.raises(failure):
        add_and_fail()
    assert (store.read(), store.head(), store.standing()) == ([], (0, GENESIS), [])
    add(store, 1)
    assert store.read() == [row(1)]


@pytest.mark.parametrize("batch", [(1,), (2, 1)], ids=["alone", "after another"])
def test_the_same_number_twice_is_refused(store, batch):
    """No row takes another's place, and the batch it came in is not stored."""
    add(store, 1)
    with pytest.raises(RefusedError, match="nothing was written"):
        add(store, *batch)
    assert (store.read(), store.head()) == ([row(1)], (1, row(1).hash))


def test_a_refusal_that_is_passed_over_stores_nothing(store):
    """Who goes on after a refused row is not told that the rest was stored, unless it was."""
    add(store, 1)
    was_told = False
    try:
        with store.writing():
            store.add([row(2)])
            with pytest.raises(RefusedError):
                store.add([row(1)])
    except RefusedError:
        was_told = True
    assert store.read() == ([row(1)] if was_told else [row(1), row(2)])


def test_an_empty_batch_is_nothing(store):
    """Nothing added, nothing changed."""
    add(store)
    assert (store.read(), store.head()) == ([], (0, GENESIS))


def test_a_second_writer_waits_and_is_told(store, place, monkeypatch):
    """Another program's turn: after the wait a clear refusal, not a broken record; and then it is one's own."""
    monkeypatch.setattr(sys.modules[type(store).__module__], "_SECONDS_TO_WAIT", 0.05)
    other = open_store(place)
    with store.writing(), pytest.raises(RefusedError, match="another program is writing"), other.writing():
        pass
    add(other, 1)
    other.close()
    assert store.read() == [row(1)]


def test_a_reader_sees_whole_batches_only(store, place):
    """While a batch is being written, others read what was before it."""
    reader = open_store(place, read_only=True)
    with store.writing():
        store.add([row(1)])
        assert reader.read() == []
    assert reader.read() == [row(1)]
    reader.close()


def test_what_is_read_together_is_one_moment(store, place):
    """Rows, head and projection of one reading agree, though a writer comes between."""
    reader = open_store(place, read_only=True)
    with reader.reading():
        before = reader.read()
        with store.writing():
            store.add([row(1)])
            store.keep([standing(1, 1)])
        assert (before, reader.head(), reader.standing()) == ([], (0, GENESIS), [])
    assert (reader.read(), reader.head()) == ([row(1)], (1, row(1).hash))
    reader.close()


def test_a_reader_cannot_write(store, place):
    """What was opened for reading refuses to add, in words."""
    reader = open_store(place, read_only=True)
    with pytest.raises(RefusedError, match="nothing was written"):
        add(reader, 1)
    reader.close()
    assert store.read() == []


def test_the_projection_is_kept_and_dropped(store):
    """Lines are added in any order, read by entry and event, and taken away together; events stay."""
    lines = [standing(1, 1), standing(1, 4), standing(2, 2)]
    with store.writing():
        store.add([row(1), row(2)])
        store.keep(lines[::-1])
    assert store.has_projection()
    assert store.standing() == lines
    with store.writing():
        store.drop_projection()
    assert (store.standing(), store.read()) == ([], [row(1), row(2)])


def test_a_begun_record_is_never_removed_or_begun_again(store, place):
    """Only what holds no event may be taken away, and nothing is overwritten."""
    add(store, 1)
    with pytest.raises(InputError, match="never removed"):
        store.remove()
    with pytest.raises(InputError, match="already"):
        create_store(place)
    assert store.read() == [row(1)]


def test_a_record_that_was_never_begun_may_begin_again(store, place):
    """Taken away while it is empty, the place is free."""
    store.remove()
    again = create_store(place)
    add(again, 1)
    assert again.read() == [row(1)]
    again.close()


def test_a_closed_store_is_closed_for_good(store):
    """A second close does nothing; use after it is refused, not answered."""
    store.close()
    store.close()
    with pytest.raises(Exception, match="closed"):
        store.read()
