/**
 * Runs as a user manages them. In: work folders with their metrics and manifests. Out: a list, the
 * stages of a run, and how to start it again. No section of the paper.
 */
@NullMarked
package io.lorashear.runs;

import org.jspecify.annotations.NullMarked;
