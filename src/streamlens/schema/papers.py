"""The seller's papers: evidence.yaml, one struct a type (LABELS), and what was read of scans."""

from datetime import date, datetime
from typing import Literal

import msgspec

from .record import Message, Record

__all__ = [
    "AidAgreement",
    "Award",
    "BrandAuthorisation",
    "Certificate",
    "ColdChainLog",
    "ComplianceCertificate",
    "Correction",
    "Document",
    "Doubt",
    "Evidence",
    "FoodOperationLicence",
    "GiAuthorisation",
    "GreenFoodCertificate",
    "HarvestRecord",
    "HealthFoodRegistration",
    "IngredientList",
    "OrganicCertificate",
    "OriginRecord",
    "Paper",
    "Patent",
    "PriceHistory",
    "PricePoint",
    "ProductionLicence",
    "QuarantineCertificate",
    "Reading",
    "SalesRecord",
    "Scan",
    "ScanField",
    "ScanLine",
    "ScanPage",
    "ScanTexts",
    "ScannedFile",
    "ShippingRecord",
    "TestItem",
    "TestReport",
    "WeighingRecord",
]


class Paper(Record, frozen=True, kw_only=True, tag_field="type"):
    """What every document has. `covers` lists skus; an empty tuple is refused on reading."""

    id: str
    covers: tuple[str, ...]
    issuer: str = ""
    holder: str = ""  # to whom it was given, or whose goods were tested


class HarvestRecord(Paper, frozen=True, kw_only=True, tag="harvest_record"):
    harvested_at: datetime
    ships_within_hours: float | None = None


class Reading(Record, frozen=True, kw_only=True):
    at: datetime
    celsius: float


class ColdChainLog(Paper, frozen=True, kw_only=True, tag="cold_chain_log"):
    readings: tuple[Reading, ...] = ()
    required_max_celsius: float | None = None


class TestItem(Record, frozen=True, kw_only=True):
    __test__ = False  # not a pytest class
    name: str
    result: str
    unit: str = ""
    standard: str = ""


class TestReport(Paper, frozen=True, kw_only=True, tag="test_report"):
    __test__ = False
    number: str = ""
    issued_on: date | None = None
    items: tuple[TestItem, ...] = ()
    conclusion: str = ""


class Certificate(Paper, frozen=True, kw_only=True):
    """A paper with a number and days of validity, both inclusive."""

    number: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


class OrganicCertificate(Certificate, frozen=True, kw_only=True, tag="organic_certificate"):
    pass


class GreenFoodCertificate(Certificate, frozen=True, kw_only=True, tag="green_food_certificate"):
    pass


class GiAuthorisation(Certificate, frozen=True, kw_only=True, tag="gi_authorisation"):
    product: str = ""


class ProductionLicence(Certificate, frozen=True, kw_only=True, tag="production_licence"):
    scope: str = ""


class FoodOperationLicence(Certificate, frozen=True, kw_only=True, tag="food_operation_licence"):
    scope: str = ""


class HealthFoodRegistration(Certificate, frozen=True, kw_only=True, tag="health_food_registration"):
    functions: tuple[str, ...] = ()
    suitable_for: tuple[str, ...] = ()
    not_suitable_for: tuple[str, ...] = ()


class PricePoint(Record, frozen=True, kw_only=True):
    date: date
    price: float


class PriceHistory(Paper, frozen=True, kw_only=True, tag="price_history"):
    prices: tuple[PricePoint, ...] = ()


class ShippingRecord(Paper, frozen=True, kw_only=True, tag="shipping_record"):
    carrier: str = ""
    promised_hours: float | None = None
    delivered_hours: tuple[float, ...] = ()
    excludes: tuple[str, ...] = ()


class OriginRecord(Paper, frozen=True, kw_only=True, tag="origin_record"):
    place: str = ""
    method: str = ""


class WeighingRecord(Paper, frozen=True, kw_only=True, tag="weighing_record"):
    date: date
    declared_g: float
    samples_g: tuple[float, ...] = ()


class SalesRecord(Paper, frozen=True, kw_only=True, tag="sales_record"):
    units: int
    since: date | None = msgspec.field(name="from", default=None)
    until: date | None = None


class AidAgreement(Paper, frozen=True, kw_only=True, tag="aid_agreement"):
    partner: str = ""
    terms: str = ""
    per_order_yuan: float | None = None
    signed_on: date | None = None
    valid_to: date | None = None


class IngredientList(Paper, frozen=True, kw_only=True, tag="ingredient_list"):
    ingredients: tuple[str, ...] = ()


class ComplianceCertificate(Certificate, frozen=True, kw_only=True, tag="compliance_certificate"):
    """承诺达标合格证: the grower's own declaration, not a test."""

    issued_on: date | None = None
    statement: str = ""


class BrandAuthorisation(Certificate, frozen=True, kw_only=True, tag="brand_authorisation"):
    brand: str = ""


class Award(Certificate, frozen=True, kw_only=True, tag="award"):
    title: str = ""
    awarded_on: date | None = None


class Patent(Certificate, frozen=True, kw_only=True, tag="patent"):
    title: str = ""


class QuarantineCertificate(Certificate, frozen=True, kw_only=True, tag="quarantine_certificate"):
    issued_on: date | None = None


Document = (
    HarvestRecord | ColdChainLog | TestReport | OrganicCertificate | GreenFoodCertificate | GiAuthorisation
    | ProductionLicence | FoodOperationLicence | HealthFoodRegistration | PriceHistory | ShippingRecord | OriginRecord
    | WeighingRecord | SalesRecord | AidAgreement | IngredientList | ComplianceCertificate | BrandAuthorisation
    | Award | Patent | QuarantineCertificate
)  # fmt: skip


class ScanLine(Record, frozen=True, kw_only=True):
    """A line or table cell on a page. `box` is left, top, right, bottom in shares of the page as a reader sees it."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float


class ScanPage(Record, frozen=True, kw_only=True):
    """`aspect` is height over width; `by` how it was read: by the file's own text, or its picture."""

    lines: tuple[ScanLine, ...]
    aspect: float
    by: Literal["text", "picture"]
    coarse: bool = False  # too small or blurred to tell similar characters apart: no line's confidence is high


class ScannedFile(Record, frozen=True, kw_only=True):
    """The text of a file of evidence/. `trouble` says why it could not be read, or not all of it."""

    name: str
    pages: tuple[ScanPage, ...] = ()
    trouble: Message | None = None


class ScanTexts(Record, frozen=True, kw_only=True):
    files: tuple[ScannedFile, ...] = ()


class ScanField(Record, frozen=True, kw_only=True):
    """A field as read from a scan: what it was taken to say, on which page (from 1) and where, and how surely.

    `name` is the document's field (`valid_to`, `items[2]` for the third item), or `type` or `product`.
    """

    name: str
    value: str
    page: int
    box: tuple[float, float, float, float]
    confidence: float


class Scan(Record, frozen=True, kw_only=True):
    """A paper found in a file of evidence/, or a file in which none was found.

    `read` every field that its type needs was read surely · `partly` some were not, `notes` say which · `unreadable`
    the file or its text could not be made out · `other` legible, and no paper of a known type.
    """

    file: str
    state: Literal["read", "partly", "unreadable", "other"]
    type: str = ""
    document: str = ""  # the id of the document made of it; none where a field that the type must have was not read
    concerns: tuple[str, ...] = ()  # skus that it may be about, * for any
    fields: tuple[ScanField, ...] = ()
    notes: tuple[Message, ...] = ()


class Doubt(Record, frozen=True, kw_only=True):
    """A field of a document that no verdict may rest on: read unsurely, or another paper says otherwise."""

    document: str
    field: str
    message: Message


class Correction(Record, frozen=True, kw_only=True):
    """An entry of evidence.yaml that names a scan: its fields, a mapping as JSON, win over what was read there."""

    id: str
    scan: str
    fields: str
    place: str


class Evidence(Record, frozen=True, kw_only=True):
    documents: tuple[Document, ...] = ()
    notes: tuple[str, ...] = ()  # what was in the file but not read, one line each
    corrections: tuple[Correction, ...] = ()  # not yet joined with their scans
    scans: tuple[Scan, ...] = ()
    doubts: tuple[Doubt, ...] = ()
