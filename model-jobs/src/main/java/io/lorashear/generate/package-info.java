/**
 * In: a checkpoint, dense or pruned, and a prompt. Out: the text that the model continues it with,
 * token by token. It shows what a model says before and after LoRAShear (arXiv 2310.18356, figure
 * 1).
 */
@NullMarked
package io.lorashear.generate;

import org.jspecify.annotations.NullMarked;
