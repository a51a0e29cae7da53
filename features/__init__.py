"""What we may know about a child on a date: sources, features, cohort, and the engines that compute them."""
