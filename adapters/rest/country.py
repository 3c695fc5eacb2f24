"""`CountryCode` of a message.

The provider's help page showed it as a nullable string and nothing else is known; ours is the ISO 3166-1 code of
the number's country in capitals (`SE`), null where there is none.
"""

from phonenumbers import NumberParseException, parse, region_code_for_country_code, region_code_for_number

_NO_COUNTRY = frozenset({"001", "ZZ"})  # international services such as satellite phones; unknown


def country_of(msisdn: str) -> str | None:
    """The country of a number in international form, digits only."""
    try:
        number = parse(f"+{msisdn}")
    except NumberParseException:
        return None
    region = region_code_for_number(number) or region_code_for_country_code(number.country_code or 0)
    return None if region in _NO_COUNTRY else region
