/**
 * Follows trained tokens back. In: a subset, its corpus, and the tokenized documents. Out: the
 * origin of one trained token, back to the raw file of its document.
 */
@NullMarked
package io.lorashear.spark.provenance;

import org.jspecify.annotations.NullMarked;
