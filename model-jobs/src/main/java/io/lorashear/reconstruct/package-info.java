/**
 * Trains every attention and MLP of a pruned model by itself. In: the dense model, the pruned one,
 * rows. Out: weights of the pruned one. LoRAShear has only training as a whole (arXiv 2310.18356,
 * section 3.4); local reconstruction is compared with it in 2510.14444.
 */
@org.jspecify.annotations.NullMarked
package io.lorashear.reconstruct;
