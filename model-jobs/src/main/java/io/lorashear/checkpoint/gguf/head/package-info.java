/**
 * In: a GGUF file. Out: its metadata and its list of tensors, checked against the file; and what is
 * to be written as such a head.
 *
 * <p>Follows the format's description; nothing a file says of itself is believed beyond its end.
 */
@NullMarked
package io.lorashear.checkpoint.gguf.head;

import org.jspecify.annotations.NullMarked;
