/**
 * In: a subset, the corpus it draws from, the documents that were tokenized. Out: where one trained
 * token is from, back to the file in which its document was published.
 */
@NullMarked
package io.lorashear.spark.provenance;

import org.jspecify.annotations.NullMarked;
