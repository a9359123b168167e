/** Prunes a language model and recovers its quality; plain Java and DJL. */
@NullMarked
package io.lorashear;

import org.jspecify.annotations.NullMarked;
