/**
 * Runs a model. In: a {@link io.lorashear.graph.ModelGraph} and the tensors of a checkpoint. Out:
 * logits, losses, gradients and updated tensors.
 *
 * <pre>
 *   graph ─► compile ─► script ─► engine ─► DJL, PyTorch
 *            (text)     (words)   (runs)
 *                                   ▲
 *   torch: a model with its weights │  kernel: the arithmetic of methods, tensor by tensor
 * </pre>
 *
 * A room sees those to its right, and {@code kernel} the engine alone.
 */
@NullMarked
package io.lorashear.torch;

import org.jspecify.annotations.NullMarked;
