"""`CountryCode` of a message.

The provider's help page showed it as a nullable string and nothing else is known; ours is the ISO 3166-1 code of
the number's country in capitals (`SE`), null where there is none.
"""

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, parse, region_code_for_number

_NO_COUNTRY = frozenset({"001", "ZZ"})  # international services such as satellite phones; unknown
_CALLING_CODE_MAX_DIGITS = 3  # ITU-T E.164


def country_of(msisdn: str) -> str | None:
    """The country of a number in international form, digits only."""
    regions = _regions_of(msisdn)
    if not regions:
        return None
    region = regions[0] if len(regions) == 1 else _choose_region(msisdn, regions)
    return None if region in _NO_COUNTRY else region


def _regions_of(msisdn: str) -> tuple[str, ...]:
    """The countries that share its calling code, the main one first."""
    if not (msisdn.isascii() and msisdn.isdigit()) or msisdn.startswith("0"):
        return ()
    codes = (int(msisdn[:digits]) for digits in range(1, _CALLING_CODE_MAX_DIGITS + 1))
    return next((COUNTRY_CODE_TO_REGION_CODE[code] for code in codes if code in COUNTRY_CODE_TO_REGION_CODE), ())


def _choose_region(msisdn: str, regions: tuple[str, ...]) -> str | None:
    """Which of several countries it is: one look at the whole number, which takes a while."""
    try:
        return region_code_for_number(parse(f"+{msisdn}")) or regions[0]
    except NumberParseException:
        return None
