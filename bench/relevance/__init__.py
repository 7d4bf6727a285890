"""How well what people type finds what they mean, beside other engines."""
