/**
 * In: a checkpoint and figures that somebody else computed of it. Out: figure by figure, how far
 * ours are from them.
 *
 * <p>Serves no section of the paper, but trust in what is measured here.
 */
@NullMarked
package io.lorashear.verify;

import org.jspecify.annotations.NullMarked;
