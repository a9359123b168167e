/**
 * Trainable masks: a factor on every group's output, trained with the weights frozen, under a
 * budget. In: a running model, its axes, a target. Out: which groups are pruned, and weights with
 * the factors folded in. L0 regularisation (arXiv 1712.01312), Sheared-LLaMA (arXiv 2310.06694),
 * Deterministic Differentiable Pruning (arXiv 2603.08065).
 */
@NullMarked
package io.lorashear.gate;

import org.jspecify.annotations.NullMarked;
