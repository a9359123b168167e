/**
 * In: texts. Out: what two of them share, in words: shingles and their Jaccard likeness, runs of
 * words as hashes. What deduplication (Broder 1997) and decontamination (Brown et al., arXiv
 * 2005.14165, appendix C) are made of.
 */
@NullMarked
package io.lorashear.spark.overlap;

import org.jspecify.annotations.NullMarked;
