/**
 * Scheduled rounds. In: a settings file with times, raw files that keep arriving, and the history
 * of earlier runs. Out: a round at each time: new documents, a grown corpus, the next subset, and a
 * model trained on it. Algorithm 5 of LoRAShear (arXiv 2310.18356), continued indefinitely.
 */
@NullMarked
package io.lorashear.spark.schedule;

import org.jspecify.annotations.NullMarked;
