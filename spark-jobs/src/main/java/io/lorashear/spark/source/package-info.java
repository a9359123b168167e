/**
 * Reads raw corpora. In: corpora in their published forms. Out: documents, and a named reason for
 * every record that gave none; nothing is dropped silently. The sources are LoRAShear's recovery
 * corpora (arXiv 2310.18356, section 3.4).
 */
@NullMarked
package io.lorashear.spark.source;

import org.jspecify.annotations.NullMarked;
