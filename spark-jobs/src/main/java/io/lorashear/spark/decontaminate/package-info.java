/**
 * Finds evaluation text in documents. In: documents, and texts that models are measured on. Out:
 * paragraphs that contain words of those texts, and of which task. Overlap of n-grams as in Brown
 * et al. (arXiv 2005.14165, appendix C).
 */
@NullMarked
package io.lorashear.spark.decontaminate;

import org.jspecify.annotations.NullMarked;
