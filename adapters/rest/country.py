"""`CountryCode` of a message.

The provider's help page showed it as a nullable string and nothing else is known; ours is the ISO 3166-1 code of
the number's country in capitals (`SE`), null where there is none.
"""

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, parse, region_code_for_number

_UNKNOWN = "ZZ"
_NO_COUNTRY = frozenset({_UNKNOWN, "001"})  # 001: international services such as satellite phones
# The countries that share a calling code, the main one first. No calling code begins with another (ITU-T E.164).
_REGIONS_BY_CALLING_CODE = {str(code): regions for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}


def country_of(msisdn: str) -> str | None:
    """The country of a number in international form, digits only."""
    if not (msisdn.isascii() and msisdn.isdigit()):
        return None
    regions = (
        _REGIONS_BY_CALLING_CODE.get(msisdn[:2])
        or _REGIONS_BY_CALLING_CODE.get(msisdn[:3])
        or _REGIONS_BY_CALLING_CODE.get(msisdn[:1])
        or (_UNKNOWN,)
    )
    region = regions[0] if len(regions) == 1 else _choose_region(msisdn, regions)
    return None if region in _NO_COUNTRY else region


def _choose_region(msisdn: str, regions: tuple[str, ...]) -> str | None:
    """Which of several countries it is: one look at the whole number, which takes a while."""
    try:
        return region_code_for_number(parse(f"+{msisdn}")) or regions[0]
    except NumberParseException:
        return None
