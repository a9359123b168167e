/**
 * Reads and writes models. In: a Hugging Face directory, a GGUF file, a PEFT adapter. Out: named
 * tensors as bytes, a configuration and a tokenizer file; and the reverse.
 *
 * <p>Serves the paper's whole experimental section: every model is read and written here.
 */
@NullMarked
package io.lorashear.checkpoint;

import org.jspecify.annotations.NullMarked;
