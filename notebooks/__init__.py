"""Arguments with figures, for data scientists: a notebook may import anything, and nothing imports one."""
