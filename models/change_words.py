"""What changed since an earlier round, as a person reads it, in Chinese and English. Pure.

No margin is shown: staff read directions and facts. It says when a child's place moved though its own
circumstances hardly did, because the list is as long as capacity allows and others move too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from features.catalogue import feature_named
from features.catalogue.families import FAMILIES
from features.language import Text
from models.changes import Changes, FeatureChange, Part
from models.wording import value_text

PARTS: Mapping[Part, Text] = {
    Part.CORRECTED: Text("更正的事实", "Corrected facts"),
    Part.TIME: Text("时间推移", "Passing of time"),
    Part.NEW: Text("新的事实", "New facts"),
    Part.MODEL: Text("筛查模型更换", "Change of model"),
}

# Margins closer than this are told as no change, as in `wording.direction`.
_LITTLE = 0.005
_FACTS = 3

_FAMILY_TITLES = {family.name: family.title for family in FAMILIES}


def change_sentences(changes: Changes, listed: tuple[bool, bool] | None = None) -> tuple[Text, ...]:
    """What changed, the largest part first. `listed`: whether the child was on the list then, and is now."""
    day = changes.before.as_of.isoformat()
    said = [
        Text(
            f"与{day}相比：{_direction(changes.total).zh}。",
            f"Compared with {day}: {_direction(changes.total).en}.",
        )
    ]
    if listed is not None and listed[0] != listed[1]:
        said.append(_place(changes.total, entered=listed[1]))
    sizes = {part: changes.part(part) for part in Part}
    for part in sorted(Part, key=lambda part: -abs(sizes[part])):
        if abs(sizes[part]) > _LITTLE:
            said.append(_part_sentence(changes, part, sizes[part]))
    return tuple(said)


def _part_sentence(changes: Changes, part: Part, size: float) -> Text:
    facts = _facts(changes, part)
    title, way = PARTS[part], _direction(size)
    if not facts:
        return Text(f"{title.zh}：{way.zh}。", f"{title.en}: {way.en}.")
    return Text(
        f"{title.zh}：{way.zh}（{'；'.join(fact.zh for fact in facts)}）。",
        f"{title.en}: {way.en} ({'; '.join(fact.en for fact in facts)}).",
    )


def _facts(changes: Changes, part: Part) -> Sequence[Text]:
    """What moved most: features and their values; for a new model, the families it weighs otherwise."""
    if part is Part.MODEL:
        moved = sorted(changes.families, key=lambda family: -abs(family.parts[part]))
        return [
            _FAMILY_TITLES[family.family] for family in moved[:_FACTS] if abs(family.parts[part]) > _LITTLE
        ]
    found = [one for family in changes.families for one in family.features if one.part is part]
    found.sort(key=lambda one: -abs(one.contribution))
    return [_fact(one) for one in found[:_FACTS] if abs(one.contribution) > _LITTLE]


def _fact(change: FeatureChange) -> Text:
    feature = feature_named(change.feature)
    before, after = value_text(feature, change.before), value_text(feature, change.after)
    return Text(
        f"{feature.title.zh}：{before.zh} → {after.zh}", f"{feature.title.en}: {before.en} → {after.en}"
    )


def _direction(size: float) -> Text:
    if size > _LITTLE:
        return Text("更需要关注", "more need for attention")
    if size < -_LITTLE:
        return Text("关注需要降低", "less need for attention")
    return Text("基本没有变化", "hardly any change")


def _place(total: float, *, entered: bool) -> Text:
    own = total > _LITTLE if entered else total < -_LITTLE
    if own and entered:
        return Text("本轮进入名单。", "The child is on the list now and was not then.")
    if own:
        return Text("本轮不再列入名单。", "The child was on the list then and is not now.")
    if entered:
        return Text(
            "本轮进入名单，但并非因为自身情况更需要关注：其他儿童的位次或复核容量有变化。",
            "The child is on the list now, though not because its own circumstances call for more"
            " attention: other children or the capacity for reviews changed.",
        )
    return Text(
        "本轮不再列入名单，但并非因为自身情况好转：其他儿童的位次或复核容量有变化。",
        "The child is not on the list now, though not because its own circumstances call for less"
        " attention: other children or the capacity for reviews changed.",
    )
