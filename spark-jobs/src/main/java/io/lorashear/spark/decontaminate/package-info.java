/**
 * Finds evaluation text in documents. In: documents, and texts that models are evaluated on. Out:
 * paragraphs that contain words of those texts, and their tasks. Overlap of n-grams as in Brown et
 * al. (arXiv 2005.14165, appendix C).
 */
@NullMarked
package io.lorashear.spark.decontaminate;

import org.jspecify.annotations.NullMarked;
