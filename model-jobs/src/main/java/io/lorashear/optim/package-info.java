/**
 * Steps that change weights. In: gradients, groups and their scores. Out: trained LoRA weights and,
 * from LHSPG, groups whose written slices are exactly zero. LoRAShear (arXiv 2310.18356), section
 * 3.3, Algorithm 4.
 */
@NullMarked
package io.lorashear.optim;

import org.jspecify.annotations.NullMarked;
