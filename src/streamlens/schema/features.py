"""The feature table: what was on offer in a stretch of time, how it was sold, and what the audience did.

Every field is a column. Its annotation is the only place where the column is explained: the data dictionary, the
types of the file and the check on both are read from here. None is "not known", never 0: a row in which nothing of
the speech was heard has no number of claims, a stream without comments no number of comments.
"""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from .record import Record

__all__ = [
    "Asked",
    "Claimed",
    "Column",
    "Crowd",
    "Delivery",
    "Direction",
    "FeatureRow",
    "Features",
    "Heard",
    "Informed",
    "Key",
    "Meaning",
    "Offer",
    "RoleSource",
    "Sold",
    "Talk",
    "Unit",
]

Unit = Literal["segment", "between", "minute"]
RoleSource = Literal["catalogue", "derived"]
Direction = Literal["uplink", "downlink"]


class Meaning(Record, frozen=True, kw_only=True):
    """What a column holds, in which unit, from which input it comes, and when it is null."""

    what: str
    unit: str = ""
    source: str = ""
    null: str = ""


def column(what: str, unit: str = "", *, source: str = "", null: str = "") -> Meaning:
    """Source and null are those of the group where they are empty; what has no None in its type is never null."""
    return Meaning(what=what, unit=unit, source=source, null=null)


class Column(Meaning, frozen=True, kw_only=True):
    """A column as the data dictionary lists it. `type` is text, integer, number, date or time."""

    name: str
    type: str


_UNSTATED = "stream.yaml does not say"
_NO_PRODUCT = "no product is on offer"
_NOT_LISTED = "no product is on offer, or the catalogue does not say"
_UNHEARD = "nothing was recorded, or there was speech and none of it has text"
_NO_VOICE = "no utterance in the row could be measured"
_NO_COMMENTS = "the stream has no file of comments, or their times are not known"
_NO_EVENTS = "the stream's files hold nothing of this sort"
_NO_READINGS = "no reading of the room's counters holds for the row"
_NO_SALES = "the stream has no orders and no turnover by time"
_NO_ORDERS = "the stream has no single orders"

# fmt: off
Count = int | None
Number = float | None


class Key(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Which stretch of which stream a row is."""

    column_source: ClassVar[str] = "stream.yaml"
    column_null: ClassVar[str] = _UNSTATED
    recording: Annotated[str, column("Stream id", source="stream.yaml, else the folder's name")]
    unit: Annotated[Unit, column(
        "segment: a product on offer; between: time without one (segment and between rows together are the "
        "recording); minute: a minute of the recording, the last may be shorter",
        source="segments")]
    start_ms: Annotated[int, column("Start, from the start of the recording", "ms", source="segments")]
    end_ms: Annotated[int, column("End, not included", "ms", source="segments")]
    anchor: Annotated[str | None, column("Anchor")] = None
    anchor_role: Annotated[str | None, column("official, farmer, expert, influencer, merchant")] = None
    platform: Annotated[str | None, column("Platform")] = None
    room: Annotated[str | None, column("Room number")] = None
    started_at: Annotated[datetime | None, column(
        "Start of the stream, wall clock of UTC+8 (a time without zone as stated)")] = None
    day: Annotated[date | None, column("Day of the row's start", source="started_at")] = None
    hour: Annotated[Count, column("Hour of the row's start, 0 to 23", "h", source="started_at")] = None
    weekday: Annotated[Count, column("Weekday, 1 Monday to 7 Sunday", source="started_at")] = None
    place: Annotated[Count, column(
        "Number of the segment in the stream, from 1", source="segments", null="not a segment")] = None
    turn: Annotated[Count, column(
        "How many times the product has been taken up so far, this one counted; segments of one product with no "
        "other between them are one time",
        source="segments", null=_NO_PRODUCT)] = None
    minutes_in: Annotated[float, column("From the start of the recording to the row's", "min", source="segments")] = 0.0
    row_min: Annotated[float, column("Length of the row", "min", source="segments")] = 0.0


class Offer(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What was on offer."""

    column_source: ClassVar[str] = "catalogue"
    column_null: ClassVar[str] = _NOT_LISTED
    product: Annotated[str | None, column(
        "sku of the product on offer; in a minute the one that is on for most of it", source="segments",
        null=_NO_PRODUCT)] = None
    product_name: Annotated[str | None, column("Name")] = None
    product_rate: Annotated[Number, column(
        "Share of the row in which that product is on offer", "0..1", source="segments", null=_NO_PRODUCT)] = None
    segment_confidence: Annotated[Number, column(
        "Confidence that it is on offer, mean weighted by time", "0..1", source="segments", null=_NO_PRODUCT)] = None
    kind: Annotated[str | None, column("fresh, primary, processed, health_food")] = None
    category: Annotated[str | None, column("Category")] = None
    role: Annotated[str | None, column(
        "Role in the range: main, traffic, profit, processed, image",
        source="catalogue, else derived from kind, air time and price",
        null="no product, or neither states nor allows one")] = None
    role_source: Annotated[RoleSource | None, column(
        "catalogue or derived", source="as role", null="role is null")] = None
    direction: Annotated[Direction | None, column(
        "uplink: farm goods to town; downlink: goods of industry to the country",
        source="catalogue, else derived from kind and category",
        null="no product, or neither states nor allows one")] = None
    direction_source: Annotated[RoleSource | None, column(
        "catalogue or derived", source="as direction", null="direction is null")] = None
    link: Annotated[Count, column("Link number in the cart")] = None
    products_listed: Annotated[Count, column(
        "Products in the catalogue", "products", null="there is no catalogue")] = None
    products_on: Annotated[int, column("Different products on offer in the row", "products", source="segments")] = 0
    price_fen: Annotated[Count, column("Listed price", "fen")] = None
    price_per_500g_fen: Annotated[Number, column(
        "Listed price for 500 g net", "fen", null="price or net weight is not listed")] = None
    price_rank: Annotated[Number, column(
        "Place of the price among the catalogue's: 0 the lowest, 1 the highest", "0..1",
        null="not listed, or fewer than two products have a price")] = None
    spoken_price_fen: Annotated[Number, column(
        "Price of the product as first spoken in the row", "fen", source="facts",
        null="none was spoken or heard")] = None
    spoken_price_ratio: Annotated[Number, column(
        "Spoken price over listed price, mean of those that can be compared", "ratio", source="facts",
        null="none can be compared")] = None
    prices_differing: Annotated[Count, column(
        "Spoken prices that differ from the catalogue", "facts", source="facts", null=_UNHEARD)] = None
    weights_differing: Annotated[Count, column(
        "Spoken weights that differ from the catalogue", "facts", source="facts", null=_UNHEARD)] = None
    discount_rate: Annotated[Number, column(
        "Share taken off the price as spoken (打八折 is 0.2), the largest", "0..1", source="facts",
        null="none was spoken or heard")] = None


class Heard(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How much of the row there is, and who speaks."""

    column_source: ClassVar[str] = "voice"
    column_null: ClassVar[str] = _NO_VOICE
    recorded_rate: Annotated[float, column(
        "Share of the row that was recorded; the rest lies between parts", "0..1", source="recording")] = 1.0
    speech_rate: Annotated[Number, column(
        "Share of the recorded time with speech, heard or not", "0..1", source="transcript",
        null="nothing was recorded")] = None
    coverage: Annotated[Number, column(
        "Share of the speech that has text", "0..1", source="transcript", null="there was no speech")] = None
    speakers: Annotated[Count, column("Different speakers", "speakers")] = None
    top_speaker: Annotated[str | None, column(
        "Who speaks most: the name that stream.yaml gives the label, else the label",
        source="voice, stream.yaml")] = None
    top_speaker_rate: Annotated[Number, column("Share of the attributed speech that is theirs", "0..1")] = None


class Delivery(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How it was said; means are weighted by each utterance's time in the row."""

    column_source: ClassVar[str] = "voice"
    column_null: ClassVar[str] = _NO_VOICE
    pace_cpm: Annotated[Number, column("Pace, pauses inside utterances left out", "characters/min")] = None
    pause_mean_ms: Annotated[Number, column("Silence before an utterance that begins in the row, mean", "ms")] = None
    long_pauses: Annotated[Count, column("Such silences of 2 s and more", "pauses")] = None
    fillers_per_min: Annotated[Number, column("Fillers (嗯, 那个) a minute of measured speech", "1/min")] = None
    loudness_db: Annotated[Number, column("Level of the speech", "dB of full scale")] = None
    loudness_range_db: Annotated[Number, column("Spread of the level, P10-P90", "dB")] = None
    pitch_hz: Annotated[Number, column("Pitch, mean of the medians", "Hz")] = None
    pitch_range_st: Annotated[Number, column("Spread of pitch, P10-P90", "semitones")] = None
    monotony: Annotated[Number, column("0 lively to 1 monotonous", "0..1")] = None


class Talk(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What was said besides claims, counted where the words begin."""

    column_source: ClassVar[str] = "transcript, by wording"
    column_null: ClassVar[str] = _UNHEARD
    characters: Annotated[Count, column(
        "Characters spoken, punctuation left out", "characters", source="transcript")] = None
    mentions: Annotated[Count, column("Products named", "times", source="mentions")] = None
    mentions_own: Annotated[Count, column(
        "Times the row's product is named", "times", source="mentions", null="no product, or nothing heard")] = None
    questions_put: Annotated[Count, column("Questions to the audience, rhetorical ones too", "questions")] = None
    questions_read: Annotated[Count, column("Viewers' questions read out", "questions")] = None
    calls_follow: Annotated[Count, column("Calls to follow, like, share or join (点关注, 点赞, 加团)", "calls")] = None
    calls_reply: Annotated[Count, column("Calls to write something (扣1, 公屏打)", "calls")] = None
    calls_buy: Annotated[Count, column("Calls to buy (去拍, 上链接, 点小黄车)", "calls")] = None
    scarcity_talk: Annotated[Count, column(
        "Words that press for time or stock, true or not (只剩, 最后一批, 手慢无)", "times")] = None
    price_talk: Annotated[Count, column("Words about price (19.9元, 优惠, 划算)", "times")] = None
    shown_opened: Annotated[Count, column("Goods opened before the camera (切开, 掰开, 开箱)", "times")] = None
    shown_weighed: Annotated[Count, column("Goods put on scales or measured (上秤, 测糖)", "times")] = None
    shown_papers: Annotated[Count, column("Papers held up (检测报告给大家看)", "times")] = None
    shown_close: Annotated[Count, column("Viewers asked to look closely (大家看这个)", "times")] = None
    price_on_screen_rate: Annotated[Number, column(
        "Share of the row with a price on screen", "0..1", source="screen", null="the screen was not read")] = None


class Claimed(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Claims that were asserted in speech, counted where they begin, and what the papers say of them."""

    column_source: ClassVar[str] = "findings"
    column_null: ClassVar[str] = _UNHEARD
    claims: Annotated[Count, column("Claims asserted", "claims")] = None
    claims_per_min: Annotated[Number, column("Asserted claims a recorded minute", "1/min")] = None
    claims_freshness: Annotated[Count, column("Claims of freshness", "claims")] = None
    claims_health: Annotated[Count, column("Claims of health", "claims")] = None
    claims_purity: Annotated[Count, column("Claims of purity", "claims")] = None
    claims_certification: Annotated[Count, column("Claims of certification", "claims")] = None
    claims_origin: Annotated[Count, column("Claims of origin", "claims")] = None
    claims_quantity: Annotated[Count, column("Claims of quantity", "claims")] = None
    claims_price: Annotated[Count, column("Claims of price", "claims")] = None
    claims_absolute: Annotated[Count, column("Claims of being the best or first (superlatives)", "claims")] = None
    claims_authority: Annotated[Count, column("Claims of endorsement", "claims")] = None
    claims_sales: Annotated[Count, column("Claims of sales figures", "claims")] = None
    claims_charity: Annotated[Count, column("Claims of charity (hardship, donations)", "claims")] = None
    claims_scarcity: Annotated[Count, column("Claims of scarcity", "claims")] = None
    prohibited: Annotated[Count, column("Claims that the law forbids", "claims")] = None
    contradicted: Annotated[Count, column("Claims that papers disprove", "claims")] = None
    unsupported: Annotated[Count, column("Claims without a paper", "claims")] = None
    unclear: Annotated[Count, column("Claims left to a person", "claims")] = None
    supported: Annotated[Count, column("Claims that papers bear out", "claims")] = None
    accusations: Annotated[Count, column("prohibited + contradicted + unsupported", "claims")] = None
    accusations_per_min: Annotated[Number, column("Accusations a recorded minute", "1/min")] = None
    supported_rate: Annotated[Number, column(
        "supported / (supported + accusations)", "0..1", null="no such claim")] = None
    claims_on_screen: Annotated[Count, column(
        "Claims that first stand on screen in the row", "claims", null="the screen was not read")] = None
    accusations_on_screen: Annotated[Count, column(
        "Those of them that are accusations", "claims", null="the screen was not read")] = None


class Informed(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What buyers were told of the goods, counted where it is said."""

    column_source: ClassVar[str] = "facts"
    column_null: ClassVar[str] = _UNHEARD
    facts: Annotated[Count, column("Facts told", "facts")] = None
    facts_price: Annotated[Count, column("Prices told", "facts")] = None
    facts_discount: Annotated[Count, column("Discounts told", "facts")] = None
    facts_gift: Annotated[Count, column("Gifts promised", "facts")] = None
    facts_weight: Annotated[Count, column("Weights told", "facts")] = None
    facts_count: Annotated[Count, column("Numbers of pieces told", "facts")] = None
    facts_grade: Annotated[Count, column("Grades told", "facts")] = None
    facts_origin: Annotated[Count, column("Origins told", "facts")] = None
    facts_delivery: Annotated[Count, column("Delivery promised", "facts")] = None
    facts_after_sale: Annotated[Count, column("After-sale promises", "facts")] = None
    facts_usage: Annotated[Count, column("Ways to use told", "facts")] = None
    facts_storage: Annotated[Count, column("Ways to store told", "facts")] = None
    facts_tasting: Annotated[Count, column("Taste described", "facts")] = None
    facts_former_price: Annotated[Count, column("The seller's former prices told", "facts")] = None
    facts_outside_price: Annotated[Count, column("Others' prices told", "facts")] = None
    facts_ingredients: Annotated[Count, column("Ingredients told", "facts")] = None
    told_rate: Annotated[Number, column(
        "Share of the product's checklist that was told by the row's end, since the stream began", "0..1",
        null="no product, or it has no checklist")] = None


class Crowd(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the audience did. A reading of the counters holds until the next one, at most 5 minutes."""

    column_source: ClassVar[str] = "viewers"
    column_null: ClassVar[str] = _NO_READINGS
    online_start: Annotated[Count, column("Viewers online at the row's start", "viewers")] = None
    online_mean: Annotated[Number, column("Viewers online, mean over time", "viewers")] = None
    online_max: Annotated[Count, column("Most viewers online", "viewers")] = None
    online_min: Annotated[Count, column("Fewest viewers online", "viewers")] = None
    viewer_minutes: Annotated[Number, column(
        "online_mean x row_min: what orders and comments can be set against", "viewer-min")] = None
    watched_gain: Annotated[Count, column(
        "Growth of the count of all who watched", "viewers", null="no reading in the row states it")] = None
    comments: Annotated[Count, column("Comments", "comments", source="comments", null=_NO_COMMENTS)] = None
    commenters: Annotated[Count, column(
        "Different commenters (pseudonyms; those without a name are not counted)", "viewers", source="comments",
        null="no comments, or none has a name")] = None
    comments_per_100_viewers_min: Annotated[Number, column(
        "Comments for 100 viewers a minute", "1/min", source="comments, viewers", null="either is null")] = None
    likes: Annotated[Count, column("Likes", "likes", source="viewers, else events", null=_NO_EVENTS)] = None
    follows: Annotated[Count, column("New followers", "viewers", source="viewers, else events", null=_NO_EVENTS)] = None
    gifts: Annotated[Count, column("Gifts", "gifts", source="events", null=_NO_EVENTS)] = None
    gift_fen: Annotated[Count, column(
        "What gifts and paid messages cost viewers", "fen", source="events", null="no event states it")] = None
    enters: Annotated[Count, column("Viewers who came in", "times", source="events", null=_NO_EVENTS)] = None
    shares: Annotated[Count, column("Shares", "times", source="events", null=_NO_EVENTS)] = None
    fan_club: Annotated[Count, column("Joined the fan club", "times", source="events", null=_NO_EVENTS)] = None


class Asked(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Buyers' questions and complaints, counted where they are first written."""

    column_source: ClassVar[str] = "questions"
    column_null: ClassVar[str] = _NO_COMMENTS
    questions: Annotated[Count, column("Questions asked, comments of one meaning taken as one", "questions")] = None
    question_comments: Annotated[Count, column("Comments that ask them", "comments")] = None
    questions_answered: Annotated[Count, column("Those asked in the row that were answered", "questions")] = None
    questions_declined: Annotated[Count, column(
        "Those about effects on health that the anchor refused, as the law wants", "questions")] = None
    questions_unanswered: Annotated[Count, column(
        "Those asked in the row without an answer within the time allowed", "questions")] = None
    questions_unclear: Annotated[Count, column(
        "Those of which too much of the time after them was not heard", "questions")] = None
    answer_delay_s: Annotated[Number, column(
        "Time from question to answer or refusal, median", "s", null="no question of the row has one after it")] = None
    answers_given: Annotated[Count, column("Answers that begin in the row", "answers")] = None
    complaints: Annotated[Count, column("Complaints", "complaints")] = None
    complaints_short_weight: Annotated[Count, column("Complaints of short weight", "complaints")] = None
    complaints_spoilt: Annotated[Count, column("Complaints of spoilt goods", "complaints")] = None
    complaints_wrong_goods: Annotated[Count, column("Complaints of wrong goods", "complaints")] = None
    complaints_late: Annotated[Count, column("Complaints of late delivery", "complaints")] = None
    complaints_quality: Annotated[Count, column("Complaints of quality", "complaints")] = None
    complaints_service: Annotated[Count, column("Complaints of service", "complaints")] = None
    complaints_fake: Annotated[Count, column("Complaints of fakes", "complaints")] = None


class Sold(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Orders paid in the row, whatever moved the buyer: attribution windows are made later, from these."""

    column_source: ClassVar[str] = "orders"
    column_null: ClassVar[str] = _NO_ORDERS
    orders: Annotated[Count, column("Orders paid, of all products", "orders", null=_NO_SALES)] = None
    units: Annotated[Count, column("Units in them", "units")] = None
    gmv_fen: Annotated[Count, column(
        "Turnover, refunds not taken out; orders without an amount are left out", "fen",
        source="orders, else turnover by time", null="no amount is stated")] = None
    refund_fen: Annotated[Count, column("Paid back of these orders, whenever", "fen", null="no refund column")] = None
    refunded_orders: Annotated[Count, column(
        "Orders of which something was paid back", "orders", null="no refund column")] = None
    repeat_orders: Annotated[Count, column(
        "Orders of buyers who had bought before", "orders", null="not stated")] = None
    orders_own: Annotated[Count, column(
        "Orders of the row's product", "orders", null="no product, or no single orders")] = None
    units_own: Annotated[Count, column(
        "Units of the row's product", "units", null="no product, or no single orders")] = None
    gmv_own_fen: Annotated[Count, column(
        "Turnover of the row's product", "fen", null="no product, or no amount is stated")] = None
    orders_per_1000_viewer_min: Annotated[Number, column(
        "orders / viewer_minutes x 1000", "1/viewer-min", source="orders, viewers", null="either is null")] = None

# fmt: on


class FeatureRow(Record, frozen=True, kw_only=True):
    """A row of the feature table, its columns in groups."""

    key: Key
    offer: Offer = Offer()
    heard: Heard = Heard()
    delivery: Delivery = Delivery()
    talk: Talk = Talk()
    claimed: Claimed = Claimed()
    informed: Informed = Informed()
    crowd: Crowd = Crowd()
    asked: Asked = Asked()
    sold: Sold = Sold()


class Features(Record, frozen=True, kw_only=True):
    """The rows of one recording: segments and what is between them in order of time, then minutes.

    `outside` counts what lies before the recording begins or after it ends, and so in no row: (what, how many).
    """

    recording: str
    rows: tuple[FeatureRow, ...] = ()
    outside: tuple[tuple[str, int], ...] = ()
