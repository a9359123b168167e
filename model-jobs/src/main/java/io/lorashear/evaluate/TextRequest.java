package io.lorashear.evaluate;

/** How likely is {@code continuation}, given {@code context}? Neither is trimmed or altered. */
public record TextRequest(String context, String continuation) {}
