/**
 * In: documents. Out: the same without what a model should not learn, every drop under a named
 * reason. Cleaning of LoRAShear (arXiv 2310.18356, section 3.4): irregular characters, paragraphs
 * of 64 tokens or fewer. Further rules of the field are off unless settings turn them on.
 */
@NullMarked
package io.lorashear.spark.clean;

import org.jspecify.annotations.NullMarked;
