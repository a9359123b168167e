/**
 * The stage that draws subsets. In: two loss reports, a published corpus, and the previous round.
 * Out: the subset that recovery trains on next: "construct a subset by evaluation" of LoRAShear
 * (arXiv 2310.18356), Algorithm 5.
 */
@NullMarked
package io.lorashear.spark.resample;

import org.jspecify.annotations.NullMarked;
