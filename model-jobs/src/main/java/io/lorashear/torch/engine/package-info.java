/**
 * Loads TorchScript and calls it. In: text and arrays. Out: arrays. The executor, autograd and
 * where results belong are settled here.
 */
@NullMarked
package io.lorashear.torch.engine;

import org.jspecify.annotations.NullMarked;
