package io.lorashear.evaluate;

/**
 * Asks for the likelihood of {@code continuation} given {@code context}. Neither is trimmed or
 * altered.
 */
public record TextRequest(String context, String continuation) {}
