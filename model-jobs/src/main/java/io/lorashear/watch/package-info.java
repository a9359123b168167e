/**
 * In: the metrics that a run writes, while it writes them. Out: how far it is, in a terminal, in a
 * log, and on a page that this machine alone can open. No section of a paper.
 */
@NullMarked
package io.lorashear.watch;

import org.jspecify.annotations.NullMarked;
