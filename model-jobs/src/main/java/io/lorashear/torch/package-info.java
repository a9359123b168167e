/**
 * Runs a model. In: a {@link io.lorashear.graph.ModelGraph} and the tensors of a checkpoint. Out:
 * logits, losses, gradients and updated tensors.
 *
 * <pre>
 *   graph ─► compile ─► script ─► engine ─► DJL, PyTorch
 *            (text)     (syntax)  (runs)
 *                                   ▲
 *   torch: a model with its weights │  kernel: the tensor arithmetic of methods
 * </pre>
 *
 * A package uses those to its right; {@code kernel} uses only the engine.
 */
@NullMarked
package io.lorashear.torch;

import org.jspecify.annotations.NullMarked;
