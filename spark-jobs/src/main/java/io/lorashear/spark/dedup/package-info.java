/**
 * In: rows of documents. Out: the same, all but one of each set of equal ones marked as duplicates,
 * whatever the partitioning, and near duplicates found by MinHash. LoRAShear's corpora (arXiv
 * 2310.18356, section 3.4) overlap in both ways.
 */
@NullMarked
package io.lorashear.spark.dedup;

import org.jspecify.annotations.NullMarked;
