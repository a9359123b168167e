/**
 * Sparsification: zeros in matrices whose widths do not change. In: a running model, rows of text,
 * a share or a pattern. Out: the same matrices with zeros, by magnitude, Wanda (arXiv 2306.11695)
 * or SparseGPT (2301.00774). The paper removes structures; this is for comparison, and for programs
 * that use zeros.
 */
@NullMarked
package io.lorashear.sparse;

import org.jspecify.annotations.NullMarked;
