"""Pages of people, teams and services, and of one's own account."""
