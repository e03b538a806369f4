"""Catalogue, pages and mails of the tests: the real templates, an organisation's sample words."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from secure_mail.infrastructure.texts import Catalogue, CatalogueTexts, JinjaPages

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
HELSINKI = ZoneInfo("Europe/Helsinki")
BASE_URL = "https://securemail.example"
ORGANISATION: Mapping[str, Mapping[str, str]] = {
    "en": {
        "short": "Kela",
        "centre": "Overpayment Recovery Centre",
        "centre_title": "Kela's Overpayment Recovery Centre",
        "eservice": "OmaKela",
        "post": "Kela, Perintäkeskus, PL 31, 00056 KELA, FINLAND",
        "phone_person": "+358 20 634 4940 (individual customers)",
        "phone_partner": "+358 20 634 4942 (partner organisations)",
        "hours": "Monday to Friday 10:00–15:00, Finnish time",
        "fax": "+358 20 634 1599",
    },
    "fi": {
        "short": "Kela",
        "centre": "perintäkeskus",
        "centre_title": "Kelan perintäkeskus",
        "eservice": "OmaKela",
        "post": "Kela, Perintäkeskus, PL 31, 00056 KELA",
        "phone_person": "020 634 4940 (henkilöasiakkaat), ulkomailta +358 20 634 4940",
        "phone_partner": "020 634 4942 (yhteistyökumppanit), ulkomailta +358 20 634 4942",
        "hours": "ma–pe klo 10–15 (Suomen aikaa)",
        "fax": "+358 20 634 1599",
    },
    "sv": {
        "short": "FPA",
        "centre": "indrivningscentret",
        "centre_title": "FPA:s indrivningscenter",
        "eservice": "MittFPA",
        "post": "FPA, Indrivningscentret, PB 31, 00056 FPA",
        "phone_person": "020 634 4940 (privatpersoner), från utlandet +358 20 634 4940",
        "phone_partner": "020 634 4942 (samarbetspartner), från utlandet +358 20 634 4942",
        "hours": "mån–fre kl. 10–15 (finsk tid)",
        "fax": "+358 20 634 1599",
    },
}


@cache
def catalogue() -> Catalogue:
    return Catalogue.load(TEMPLATES / "texts", ORGANISATION, BASE_URL)


@cache
def texts() -> CatalogueTexts:
    return CatalogueTexts(catalogue(), TEMPLATES, HELSINKI, BASE_URL)


@cache
def pages() -> JinjaPages:
    return JinjaPages(catalogue(), TEMPLATES, ROOT / "secure_mail" / "static", HELSINKI)
