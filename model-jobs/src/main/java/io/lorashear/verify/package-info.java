/**
 * In: a checkpoint and figures that another program computed of it. Out: how far ours are from each
 * of them.
 *
 * <p>Follows no section of the paper; it checks what is measured here.
 */
@NullMarked
package io.lorashear.verify;

import org.jspecify.annotations.NullMarked;
