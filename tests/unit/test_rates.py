"""How often a client may ask, and how much is kept to know it."""

from serving.rates import BUCKETS, Limiter, Rate


def test_only_so_many_buckets_are_kept_and_one_that_is_empty_stays_as_long_as_it_counts():
    clock = [0.0]
    limiter = Limiter(Rate(per_second=1, burst=2), lambda: clock[0])
    assert [limiter.take("hasty") for _ in range(3)] == [0.0, 0.0, 1.0]

    clock[0] = 1.5
    for number in range(BUCKETS - 1):
        limiter.take(f"client-{number}")
    clock[0] = 1.6
    limiter.take("one more")

    assert len(limiter._buckets) <= BUCKETS
    clock[0] = 60.0
    limiter.take("after a while")
    assert len(limiter._buckets) <= BUCKETS
    for number in range(BUCKETS):
        limiter.take(f"another-{number}")
    assert len(limiter._buckets) <= BUCKETS


def test_a_full_bucket_that_is_let_go_of_is_full_again_when_it_comes_back():
    clock = [0.0]
    limiter = Limiter(Rate(per_second=1, burst=2), lambda: clock[0])
    limiter.take("calm")
    clock[0] = 10.0
    for number in range(BUCKETS):
        limiter.take(f"client-{number}")

    assert [limiter.take("calm") for _ in range(3)] == [0.0, 0.0, 1.0]
