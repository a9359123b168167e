/**
 * The arithmetic of LHSPG (arXiv 2310.18356, section 3.3), saliency scores, LoRA ranks, masks and
 * optimisers over whole lists of tensors, each as one call. In and out: arrays.
 */
@NullMarked
package io.lorashear.torch.kernel;

import org.jspecify.annotations.NullMarked;
