/**
 * The training loop, which minimises a loss. In: a model with trainable weights, batches, an
 * optimizer. Out: trained weights, and on disk the state from which a killed run resumes. Serves
 * section 3.4 of LoRAShear (arXiv 2310.18356) and knows nothing of pruning.
 */
@NullMarked
package io.lorashear.train;

import org.jspecify.annotations.NullMarked;
