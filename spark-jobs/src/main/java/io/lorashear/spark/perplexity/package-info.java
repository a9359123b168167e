/**
 * The stage that measures losses. In: a checkpoint and a published corpus. Out: losses on a uniform
 * sample of validation rows, by source and by document, the same for any number of executors: the
 * "performance degradation" of LoRAShear (arXiv 2310.18356), section 3.4.
 */
@NullMarked
package io.lorashear.spark.perplexity;

import org.jspecify.annotations.NullMarked;
