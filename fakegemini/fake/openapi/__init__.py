"""The OpenAPI 3.1 document of the API and of the control routes, made from the schemas."""
