/**
 * Compares a model with another program. In: a checkpoint, and figures that another program
 * computed for it. Out: the difference of each figure.
 *
 * <p>Follows no section of the paper; it checks this program's figures.
 */
@NullMarked
package io.lorashear.verify;

import org.jspecify.annotations.NullMarked;
