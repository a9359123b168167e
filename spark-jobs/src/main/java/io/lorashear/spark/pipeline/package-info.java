/**
 * The whole pipeline from raw corpora to a recovered model (LoRAShear, arXiv 2310.18356, algorithm
 * 1). In: one settings file. Out: a folder of published stages and a report. Every stage is also a
 * command of its own.
 */
@NullMarked
package io.lorashear.spark.pipeline;

import org.jspecify.annotations.NullMarked;
