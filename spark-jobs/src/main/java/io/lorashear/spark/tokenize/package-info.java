/**
 * The stage from documents to sequences. In: cleaned documents and a tokenizer. Out: a published
 * corpus of sequences of one length, split into training and validation rows, with the same bytes
 * for any partitioning. It feeds the recovery of LoRAShear (arXiv 2310.18356), section 3.4.
 */
@NullMarked
package io.lorashear.spark.tokenize;

import org.jspecify.annotations.NullMarked;
