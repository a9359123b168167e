/**
 * Methods of structured pruning, one class each. In: a dense model, a budget in parameters,
 * calibration batches. Out: which indices of each axis to keep, and the weights to slice them from.
 * LHSPG is Algorithm 4 of LoRAShear (arXiv 2310.18356); the others are baselines.
 */
@NullMarked
package io.lorashear.method;

import org.jspecify.annotations.NullMarked;
