/**
 * Cleans documents. In: documents. Out: documents without text that a model should not learn; every
 * drop has a named reason. LoRAShear (arXiv 2310.18356, section 3.4) removes irregular characters
 * and paragraphs of 64 tokens or fewer. Other known rules are off by default.
 */
@NullMarked
package io.lorashear.spark.clean;

import org.jspecify.annotations.NullMarked;
