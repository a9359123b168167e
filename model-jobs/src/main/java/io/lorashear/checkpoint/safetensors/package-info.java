/**
 * In: safetensors files, one or several under an index. Out: their tensors, mapped; and such files
 * written.
 *
 * <p>Serves the paper's dense and compressed models, which are kept in this form.
 */
@NullMarked
package io.lorashear.checkpoint.safetensors;

import org.jspecify.annotations.NullMarked;
