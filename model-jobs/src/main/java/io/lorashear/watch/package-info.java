/**
 * Shows a run while it works. In: the metrics that the run writes. Out: its progress, in a
 * terminal, in a log, and on a page that only this machine can open. No section of the paper.
 */
@NullMarked
package io.lorashear.watch;

import org.jspecify.annotations.NullMarked;
