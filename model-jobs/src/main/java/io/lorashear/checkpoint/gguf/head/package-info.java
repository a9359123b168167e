/**
 * Reads and writes the header of GGUF files. In: a GGUF file. Out: its metadata and its list of
 * tensors, checked against the file; and the reverse.
 *
 * <p>Follows the format's description; every size in a file is checked against its length.
 */
@NullMarked
package io.lorashear.checkpoint.gguf.head;

import org.jspecify.annotations.NullMarked;
