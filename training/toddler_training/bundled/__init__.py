"""The bundled model, made from nothing but text of our own."""
