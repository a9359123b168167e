/**
 * In: two published results of the same kind, of two models. Out: what differs, how sure that is,
 * and what is noise. Both must have answered the same questions, or scored the same rows.
 */
@NullMarked
package io.lorashear.compare;

import org.jspecify.annotations.NullMarked;
