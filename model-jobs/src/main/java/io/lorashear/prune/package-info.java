/**
 * The stages before recovery. In: a dense checkpoint, sequences, settings. Out: a published
 * knowledge profile (LoRAShear, arXiv 2310.18356, section 3.2), and a published pruned checkpoint
 * with a report of what was pruned.
 */
@NullMarked
package io.lorashear.prune;

import org.jspecify.annotations.NullMarked;
