/**
 * Rules for the widths of a smaller model. In: scores of removal groups, and the number of
 * parameters to remove. Out: the least salient groups whose removal leaves a model of the requested
 * shape, which its programs load. LoRAShear (arXiv 2310.18356) allows any width: {@link
 * io.lorashear.shape.Free}.
 */
@NullMarked
package io.lorashear.shape;

import org.jspecify.annotations.NullMarked;
