/**
 * How a stage publishes its output. In: files written into a folder by some work. Out: a folder
 * published whole or not at all, with a manifest of hashes; and a record of the run beside it.
 * Finished stages are skipped. It follows no section of the paper.
 */
@NullMarked
package io.lorashear.run;

import org.jspecify.annotations.NullMarked;
