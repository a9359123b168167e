/**
 * In: a settings file with times, raw files that keep coming, and the history of earlier runs. Out:
 * a round each time: new documents, a corpus that has grown, the next subset, a model that was
 * trained on it. Algorithm 5 of LoRAShear (arXiv 2310.18356) without an end.
 */
@NullMarked
package io.lorashear.spark.schedule;

import org.jspecify.annotations.NullMarked;
