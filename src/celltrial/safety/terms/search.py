"""Finding a term by what people write: its name, a synonym, the start of it, its words, or nearly so."""

from difflib import SequenceMatcher, get_close_matches

from celltrial.safety.terms.dictionary import AeTerm, ae_terms, fold_name

__all__ = ["find_ae_terms", "suggest_ae_terms"]

# how alike a misspelt word must be, and how long, so that short words do not turn into others
_ALIKE = 0.8
_LONG = 4


def find_ae_terms(words: str, version: str = "5.0") -> tuple[AeTerm, ...]:
    """The terms of a version of CTCAE that the words may mean, the most likely first; none where nothing fits.

    Ranked: the term itself; a synonym, its code or Chinese name; a name that starts so; names with all the words. Only
    where none of these fits, words that are nearly so (typing errors). Case and British or American spelling do not
    matter. Raises UsageError where there is no such version.

    >>> [each.term for each in find_ae_terms("neutropaenia")][:1]
    ['Neutrophil count decreased']
    >>> [each.term for each in find_ae_terms("anemai")][:1]
    ['Anemia']
    """
    wanted = fold_name(words)
    if not wanted:
        return ()
    terms = ae_terms(version)
    found = [(float(rank), each) for each in terms if (rank := _rank(each, wanted)) is not None]
    if not found:
        found = [(-_likeness(each, wanted), each) for each in terms if _is_nearly(each, wanted)]
    return tuple(each for _, each in sorted(found, key=lambda pair: (pair[0], len(pair[1].term), pair[1].term)))


def suggest_ae_terms(words: str, version: str = "5.0", *, limit: int = 5) -> tuple[str, ...]:
    """The names nearest to the words, for a search that found nothing; terms of other versions say so.

    >>> suggest_ae_terms("lung infektion hospital")[:1]
    ('Lung infection',)
    """
    wanted = fold_name(words)
    names: dict[str, str] = {}
    for each in ae_terms():
        shown = each.term if version in each.versions else f"{each.term} (in {', '.join(each.versions)})"
        for name in each.names:
            if version in each.versions or fold_name(name) not in names:
                names[fold_name(name)] = shown
    near = get_close_matches(wanted, names, n=limit * 2, cutoff=0.5)
    return tuple(dict.fromkeys(names[name] for name in near))[:limit]


def _rank(entry: AeTerm, wanted: str) -> int | None:
    """The rank of a match, 0 the best; None where it is none."""
    term, *others = (fold_name(name) for name in entry.names)
    if wanted == term:
        return 0
    if wanted in others or wanted == entry.code:
        return 1
    if term.startswith(wanted):
        return 2
    if any(name.startswith(wanted) for name in others):
        return 3
    # a word of the search may be the start of a word of the name; Chinese is written without spaces
    for rank, names in ((4, [term]), (5, [term, *others])):
        if any(_has_all_words(name, wanted) for name in names):
            return rank
    return 6 if entry.chinese and wanted in entry.chinese.casefold() else None


def _has_all_words(name: str, wanted: str) -> bool:
    return all(any(word.startswith(each) for word in name.split()) for each in wanted.split())


def _is_nearly(entry: AeTerm, wanted: str) -> bool:
    return any(
        all(any(_is_alike(each, word) for word in name.split()) for each in wanted.split())
        for name in map(fold_name, entry.names)
    )


def _likeness(entry: AeTerm, wanted: str) -> float:
    return max(SequenceMatcher(a=wanted, b=fold_name(name)).ratio() for name in entry.names)


def _is_alike(given: str, word: str) -> bool:
    if given == word:
        return True
    if min(len(given), len(word)) < _LONG:
        return False
    return SequenceMatcher(a=given, b=word).ratio() >= _ALIKE
