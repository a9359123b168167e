/**
 * Which widths a smaller model may have. In: scores of removal groups and how many parameters are
 * to go. Out: the least salient groups whose removal leaves a model of the shape that is asked for,
 * and so one that its programs load. LoRAShear (arXiv 2310.18356) leaves any width: {@link
 * io.lorashear.shape.Free}.
 */
@NullMarked
package io.lorashear.shape;

import org.jspecify.annotations.NullMarked;
