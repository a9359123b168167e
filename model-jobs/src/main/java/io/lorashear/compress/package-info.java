/**
 * Builds the smaller model. In: a graph, its tensors and a {@link io.lorashear.compress.WidthPlan}.
 * Out: the same graph with fewer indices, and the tensors cut to fit (LoRAShear, arXiv 2310.18356,
 * section 3.3, "compressed model construction").
 */
@NullMarked
package io.lorashear.compress;

import org.jspecify.annotations.NullMarked;
