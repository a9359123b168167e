/**
 * Reads and writes the files by which both modules exchange data. In: published corpora, loss
 * reports and subsets. Out: the same as records, and sequences of token ids in a fixed order. They
 * carry the recovery data of LoRAShear (arXiv 2310.18356), section 3.4.
 */
@NullMarked
package io.lorashear.corpus;

import org.jspecify.annotations.NullMarked;
