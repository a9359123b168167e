/**
 * Finds duplicates. In: rows of documents. Out: the rows with exact and near duplicates (found by
 * MinHash) marked; one of each set is kept, independently of the partitioning. LoRAShear's corpora
 * (arXiv 2310.18356, section 3.4) overlap in both ways.
 */
@NullMarked
package io.lorashear.spark.dedup;

import org.jspecify.annotations.NullMarked;
