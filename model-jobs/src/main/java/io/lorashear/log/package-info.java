/**
 * What a command says beside its results. In: lines for the error stream. Out: the same lines, or
 * events of the log. No section of the paper.
 */
@NullMarked
package io.lorashear.log;

import org.jspecify.annotations.NullMarked;
