/**
 * Where models run. In: what {@code LORASHEAR_TORCH} names, and what the machine has. Out:
 * PyTorch's engine, and a device, or the reason why there is no GPU. No other package starts the
 * engine.
 */
@NullMarked
package io.lorashear.device;

import org.jspecify.annotations.NullMarked;
