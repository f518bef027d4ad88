"""A shop as people write one: nothing in it knows that it is tested."""
