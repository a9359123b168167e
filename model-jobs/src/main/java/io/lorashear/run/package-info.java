/**
 * How a stage publishes its output. In: files that the stage's work writes into a folder. Out: a
 * folder published completely or not at all, with a manifest of hashes; and a record of the run
 * next to it. Finished stages are skipped. No section of the paper.
 */
@NullMarked
package io.lorashear.run;

import org.jspecify.annotations.NullMarked;
