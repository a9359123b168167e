/**
 * Loads TorchScript and calls it. In: text and arrays. Out: arrays. This package decides the
 * executor, the autograd mode and who owns the results.
 */
@NullMarked
package io.lorashear.torch.engine;

import org.jspecify.annotations.NullMarked;
