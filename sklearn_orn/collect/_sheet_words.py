"""Words of spreadsheets: who a patient is, and that there is no value."""

import re
from collections.abc import Iterable

from sklearn_orn.collect._spelling import plain

# In the names of columns that say who a patient is, and what stands beside them.
_WHO = frozenset(
    (
        "name names surname lastname firstname forename fullname initials initialen "
        "vorname vornamen nachname familienname geburtsname patientname patientenname "
        "patname birth birthdate birthday dateofbirth dob geb geburt geburtsdatum "
        "geburtstag gebdatum gebdat geboren address adresse anschrift street strasse "
        "zip zipcode postcode plz postleitzahl wohnort phone telephone telefon tel "
        "mail email id ids pid mrn ssn svnr kvnr nhs patid patientid "
        "patno patnr patientno patientnumber patientennr patientennummer fallnr "
        "fallnummer caseid casenumber accession accessionnumber no nr num number "
        "nummer patient patients patientin patienten pat"
    ).split()
)
_BESIDE = frozenset(
    (
        "of the and d des der und am e date datum tag day first last given family "
        "full middle home case fall study record hospital klinik insurance social "
        "security code"
    ).split()
)
_NO_VALUE = frozenset(
    (
        "? ?? ??? k.a. k.a n.a. n.b. n.d. unk. unbek. unknown unbekannt missing fehlt "
        "fehlend"
    ).split()
) | {
    *("keine angabe", "keine angaben", "k. a.", "n. a.", "n. b.", "n. d."),
    *("nicht bekannt", "not known", "not available", "no data", "unclear", "unklar"),
}
_DASHES = frozenset("- -- --- \u2013 \u2014 / .".split())
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)*")


def says_who(column: str) -> bool:
    """Tell whether a column is called like names, ids or dates of birth.

    >>> says_who("Name (Patient)"), says_who("Geb.-Datum"), says_who("Tumor name")
    (True, True, False)
    """
    words = set(re.findall("[a-z0-9]+", plain(column)))
    return bool(words & _WHO) and words <= _WHO | _BESIDE


def no_values(cells: Iterable[str]) -> set[str]:
    """Return the texts of a column that mean there is no value.

    A dash does where all others are numbers: beside a plus it is an answer.

    >>> sorted(no_values(["61", "k.A.", "-"])), no_values(["+", "-"])
    (['-', 'k.A.'], set())
    """
    cells = set(cells)
    none = {cell for cell in cells if cell.casefold() in _NO_VALUE}
    others = cells - none - _DASHES
    are_numbers = bool(others) and all(map(_NUMBER.fullmatch, others))
    return none | (cells & _DASHES if are_numbers else set())
