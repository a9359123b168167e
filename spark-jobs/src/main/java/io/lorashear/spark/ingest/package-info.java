/**
 * The stage from raw corpora to documents. In: settings that name corpora. Out: a published folder
 * of cleaned documents, dropped text, and counts by source and reason. LoRAShear (arXiv 2310.18356,
 * section 3.4).
 */
@NullMarked
package io.lorashear.spark.ingest;

import org.jspecify.annotations.NullMarked;
