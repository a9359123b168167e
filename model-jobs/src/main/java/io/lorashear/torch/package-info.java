/**
 * Runs a model. In: a {@link io.lorashear.graph.ModelGraph} and the tensors of a checkpoint. Out:
 * logits, losses, gradients and updated tensors, through TorchScript that is written here and
 * executed by DJL's PyTorch engine; the arithmetic of LHSPG (arXiv 2310.18356, section 3.3) in
 * whole-list kernels.
 */
@NullMarked
package io.lorashear.torch;

import org.jspecify.annotations.NullMarked;
