/**
 * In: the JSON that the stages of a run have published. Out: one page, {@code report.html}, that
 * needs nothing else: what came of the run, what became of the model, its knowledge (LoRAShear,
 * arXiv 2310.18356, Algorithm 3), its losses and its text.
 */
@NullMarked
package io.lorashear.report;

import org.jspecify.annotations.NullMarked;
