/**
 * In: documents and texts a model is to be measured on. Out: which paragraphs hold words of those,
 * and of which task. Overlap of n-grams as in Brown et al. (arXiv 2005.14165, appendix C).
 */
@NullMarked
package io.lorashear.spark.decontaminate;

import org.jspecify.annotations.NullMarked;
