"""JSON values that fit a schema and use the prompt's words."""
