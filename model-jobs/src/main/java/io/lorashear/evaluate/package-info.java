/**
 * Measures models. In: a checkpoint, and published files of questions, requests of another
 * evaluator, or texts. Out: acc and acc_norm with standard errors, log-likelihoods, perplexities.
 * LoRAShear (arXiv 2310.18356) section 4 reports these seven tasks with lm-evaluation-harness'
 * conventions.
 */
@NullMarked
package io.lorashear.evaluate;

import org.jspecify.annotations.NullMarked;
