"""Who speaks in a broadcast, as stream.yaml says: the role of its anchor, and names for the speakers' labels.

anchor_role: 农户
speakers:
  S1: 小橙
  S2: {name: 王县长, role: 干部}
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlens.errors import InputError
from streamlens.schema import AnchorRole, Host

_ROLES: dict[AnchorRole, str] = {
    "official": "official 干部 官员 县长 副县长 市长 书记 镇长 乡长 村长 村支书 第一书记 驻村干部 公务员 领导",
    "farmer": "farmer 农户 农民 果农 菜农 养殖户 种植户 新农人 农场主 合作社 农人 渔民 牧民",
    "expert": "expert 专家 教授 农技员 农艺师 研究员 营养师 老师 技术员",
    "influencer": "influencer 达人 网红 主播 明星 带货主播 达播 博主",
    "merchant": "merchant 商家 店播 老板 掌柜 店主 品牌方 企业",
}


def read_hosts(path: Path, table: Mapping[str, Any]) -> dict[str, Any]:
    """`anchor_role` and `hosts` of a Recording. InputError, with the key, for a role or a form that is not known."""
    speakers = table.get("speakers") or {}
    if not isinstance(speakers, dict):
        raise InputError(f"{path}: speakers", "must be a table of labels and names", "write `S1: name`, one a line")
    hosts = []
    for label, host in sorted(speakers.items()):
        where = f"{path}: speakers: {label}"
        given = host if isinstance(host, dict) else {"name": host}
        name = given.get("name")
        if not isinstance(name, str) or not name.strip() or set(given) - {"name", "role"}:
            raise InputError(where, "is no name", "write a name, or {name: ..., role: ...}")
        hosts.append(Host(label=str(label).strip(), name=name.strip(), role=_role(where, given.get("role", ""))))
    return {"anchor_role": _role(f"{path}: anchor_role", table.get("anchor_role", "")), "hosts": tuple(hosts)}


def _role(where: str, value: object) -> AnchorRole | None:
    word = value.strip().lower() if isinstance(value, str) else value
    if word in ("", "~", "null"):
        return None
    for role, words in _ROLES.items():
        if word in words.split():
            return role
    allowed = ", ".join(f"{role} ({words.split()[1]})" for role, words in _ROLES.items())
    raise InputError(where, f"{value!r} is no role", f"write {allowed}")
