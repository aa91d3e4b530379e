"""`notifier redrive`."""
