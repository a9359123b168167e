/**
 * Measures the overlap of texts. In: texts. Out: shingles and their Jaccard index, hashes of runs
 * of words. Deduplication (Broder 1997) and decontamination (Brown et al., arXiv 2005.14165,
 * appendix C) are built on them.
 */
@NullMarked
package io.lorashear.spark.overlap;

import org.jspecify.annotations.NullMarked;
