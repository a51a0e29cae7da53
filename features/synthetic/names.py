"""Made-up names, ID numbers and places. Nobody here exists; the ID numbers only obey the rule."""

import numpy as np
from stdnum.cn import ric

from features.synthetic.timeline import Array

COUNTY = "330109"
# Towns of the simulated county: code, how many villages, how many people live there.
TOWNS: tuple[tuple[str, int, float], ...] = (
    ("001", 6, 0.13), ("002", 6, 0.11), ("003", 5, 0.10), ("004", 4, 0.08), ("101", 3, 0.03),
    ("103", 3, 0.04), ("105", 4, 0.05), ("106", 5, 0.10), ("107", 4, 0.08), ("109", 4, 0.10),
    ("113", 6, 0.13), ("115", 3, 0.05),
)  # fmt: skip
# Counties that families come from, and how many of them: GB/T 2260 codes in force all the while, since an
# ID number is only valid if its county existed when the child was born.
OUTSIDE_COUNTIES: tuple[tuple[str, float], ...] = (
    ("341225", 9), ("341221", 9), ("341226", 8), ("341222", 6), ("411525", 7), ("411526", 4), ("411481", 3),
    ("361128", 7), ("361127", 5), ("361102", 3), ("520328", 6), ("520322", 4), ("520327", 4), ("511722", 4),
    ("511324", 3), ("511621", 2), ("421083", 3), ("422801", 2), ("430522", 3), ("430981", 2), ("330327", 4),
    ("330881", 3), ("331127", 2), ("530627", 5), ("500235", 4), ("500101", 3), ("371722", 2), ("620422", 2),
)  # fmt: skip
SAME_CITY_DISTRICTS = ("330106", "330102", "330105", "330110", "330127")

SURNAMES: tuple[tuple[str, float], ...] = (
    ("王", 7.2), ("李", 7.2), ("张", 6.8), ("刘", 5.4), ("陈", 4.6), ("杨", 3.1), ("黄", 2.2), ("赵", 2.2),
    ("吴", 2.1), ("周", 2.1), ("徐", 1.7), ("孙", 1.5), ("马", 1.4), ("朱", 1.3), ("胡", 1.3), ("郭", 1.2),
    ("何", 1.2), ("高", 1.1), ("林", 1.1), ("罗", 1.0), ("郑", 1.0), ("梁", 0.9), ("谢", 0.8), ("宋", 0.8),
    ("唐", 0.7), ("许", 0.7), ("韩", 0.7), ("冯", 0.7), ("邓", 0.7), ("曹", 0.6), ("彭", 0.6), ("曾", 0.6),
    ("肖", 0.6), ("田", 0.5), ("董", 0.5), ("潘", 0.5), ("袁", 0.5), ("蒋", 0.5), ("余", 0.5), ("欧阳", 0.1),
)  # fmt: skip
BOYS = "浩宇轩梓豪俊杰子涵博文嘉懿煜城睿泽皓晨铭瑞天佑志强伟明鹏飞龙磊凯鑫"
GIRLS = "欣怡梓涵诗琪雨萱佳慧婷静雅雯思彤紫妍语嫣可馨若汐美玲丽娜芳倩敏琳瑶"
EITHER = "一小安然乐宁文思家子晓新春雨"


def areas(rng: np.random.Generator, count: int) -> Array:
    """Villages of residence, 12 digits."""
    weights = np.array([weight for _, _, weight in TOWNS])
    town = rng.choice(len(TOWNS), count, p=weights / weights.sum())
    village = np.floor(rng.random(count) * np.array([villages for _, villages, _ in TOWNS])[town]).astype(int)
    codes = [
        f"{COUNTY}{TOWNS[place][0]}{number + 1:03d}" for place, number in zip(town, village, strict=True)
    ]
    return np.array(codes, dtype=object)


def hukou(rng: np.random.Generator, count: int, outside: float, same_city: float) -> Array:
    """Counties of household registration, 6 digits; some in this county or this city."""
    weights = np.array([weight for _, weight in OUTSIDE_COUNTIES])
    codes = np.array([code for code, _ in OUTSIDE_COUNTIES], dtype=object)
    chosen = codes[rng.choice(len(codes), count, p=weights / weights.sum())]
    draw = rng.random(count)
    near = np.array(SAME_CITY_DISTRICTS, dtype=object)[rng.integers(0, len(SAME_CITY_DISTRICTS), count)]
    chosen = np.where(draw >= outside, near, chosen)
    return np.where(draw >= outside + same_city, COUNTY, chosen)


def surnames(rng: np.random.Generator, count: int) -> Array:
    """One for each household."""
    weights = np.array([weight for _, weight in SURNAMES])
    names = np.array([name for name, _ in SURNAMES], dtype=object)
    chosen: Array = names[rng.choice(len(names), count, p=weights / weights.sum())]
    return chosen


def given_names(rng: np.random.Generator, girl: Array) -> Array:
    """One or two characters."""
    first, second, long = rng.random(len(girl)), rng.random(len(girl)), rng.random(len(girl)) < 0.85
    names = []
    for is_girl, one, two, two_characters in zip(girl, first, second, long, strict=True):
        pool = (GIRLS if is_girl else BOYS) + EITHER
        name = pool[int(one * len(pool))]
        names.append(name + pool[int(two * len(pool))] if two_characters else name)
    return np.array(names, dtype=object)


def id_numbers(rng: np.random.Generator, hukou_area: Array, birth: Array, girl: Array) -> Array:
    """18 digits with a right check digit; no two alike. Odd sequence numbers are boys', even girls'."""
    taken: set[str] = set()
    numbers = []
    births = [str(day).replace("-", "") for day in birth]
    starts = rng.integers(0, 500, len(birth))
    for area, born, is_girl, start in zip(hukou_area, births, girl, starts, strict=True):
        half = int(start)
        while (body := f"{area}{born}{half * 2 + (0 if is_girl else 1):03d}") in taken:
            half = (half + 1) % 500
        taken.add(body)
        numbers.append(body + ric.calc_check_digit(body + "0"))
    return np.array(numbers, dtype=object)
