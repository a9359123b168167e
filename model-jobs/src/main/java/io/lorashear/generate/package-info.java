/**
 * Generates text. In: a checkpoint, dense or pruned, and a prompt. Out: the model's continuation,
 * token by token. It shows a model's output before and after LoRAShear (arXiv 2310.18356, figure
 * 1).
 */
@NullMarked
package io.lorashear.generate;

import org.jspecify.annotations.NullMarked;
