/**
 * Makes the page of a run. In: the JSON that the stages of a run have published. Out: one
 * self-contained page, {@code report.html}: results, the pruned model, its knowledge (LoRAShear,
 * arXiv 2310.18356, Algorithm 3), losses, and text.
 */
@NullMarked
package io.lorashear.report;

import org.jspecify.annotations.NullMarked;
