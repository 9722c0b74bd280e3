"""What people do: use cases and the records that they leave; the interfaces only show them."""
