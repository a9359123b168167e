/**
 * Weights and draws. In: losses of the dense and the pruned model on the same rows. Out: a weight
 * for every source, and the sequences to train on next. The mathematics of LoRAShear's dynamic
 * knowledge recovery (arXiv 2310.18356, Algorithm 5), without Spark.
 */
@NullMarked
package io.lorashear.spark.select;

import org.jspecify.annotations.NullMarked;
