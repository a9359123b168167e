/**
 * Scores removal groups. In: weights, LoRA products, gradients, held-out losses. Out: one number
 * per group, and the axes to protect. LoRAShear (arXiv 2310.18356), sections 3.2 and 3.3.
 */
@NullMarked
package io.lorashear.saliency;

import org.jspecify.annotations.NullMarked;
