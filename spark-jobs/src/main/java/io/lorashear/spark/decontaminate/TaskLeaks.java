package io.lorashear.spark.decontaminate;

/**
 * Counts of one task's items that were found in documents.
 *
 * @param task task, or name of the file
 * @param items questions or texts
 * @param tooShort items with too few words to be searched for
 * @param found items found in at least one document
 */
public record TaskLeaks(String task, long items, long tooShort, long found) {}
