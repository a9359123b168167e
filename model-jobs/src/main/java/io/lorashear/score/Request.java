package io.lorashear.score;

/**
 * How likely is {@code continuation}, given {@code context}? Both in token ids. An empty
 * continuation has log-likelihood 0; an empty context leaves the first token of the continuation
 * unscored, so put an end-of-text token there.
 */
@SuppressWarnings(
    "ArrayRecordComponent") // Millions of ids: boxed lists would cost four times the memory.
public record Request(int[] context, int[] continuation) {}
