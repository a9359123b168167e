/**
 * In: corpora in the forms they are published in. Out: documents, and for every record that gave
 * none a named reason; nothing is dropped silently. LoRAShear's recovery corpora (arXiv 2310.18356,
 * section 3.4).
 */
@NullMarked
package io.lorashear.spark.source;

import org.jspecify.annotations.NullMarked;
