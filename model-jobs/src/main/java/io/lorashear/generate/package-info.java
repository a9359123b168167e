/**
 * In: a checkpoint, dense or pruned, and a prompt. Out: text as the model goes on, token by token.
 * To see what a model says before and after LoRAShear (arXiv 2310.18356, figure 1).
 */
@NullMarked
package io.lorashear.generate;

import org.jspecify.annotations.NullMarked;
