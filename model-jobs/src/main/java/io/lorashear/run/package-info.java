/**
 * How a stage publishes its output. In: files written into a folder by some work. Out: a folder
 * published whole or not at all, with a manifest of hashes; a stage already done is skipped; a
 * record of the run beside it. Serves no section of the paper, but every number reported from it.
 */
@NullMarked
package io.lorashear.run;

import org.jspecify.annotations.NullMarked;
