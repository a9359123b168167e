package io.lorashear.spark.decontaminate;

/**
 * What of one task was found in documents.
 *
 * @param task or name of the file
 * @param items questions or texts
 * @param tooShort of them, with too few words to be looked for
 * @param found of them, in one document or more
 */
public record TaskLeaks(String task, long items, long tooShort, long found) {}
