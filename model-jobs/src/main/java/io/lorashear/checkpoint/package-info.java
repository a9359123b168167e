/**
 * In: a Hugging Face directory, a GGUF file, a PEFT adapter. Out: named tensors as bytes, a config
 * and a tokenizer file; and the same directories written again.
 *
 * <p>Serves the paper's whole experimental section: every model enters and leaves through here.
 */
@NullMarked
package io.lorashear.checkpoint;

import org.jspecify.annotations.NullMarked;
