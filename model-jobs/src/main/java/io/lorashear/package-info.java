/** Makes a language model smaller and gives it back what it lost; plain Java and DJL. */
@NullMarked
package io.lorashear;

import org.jspecify.annotations.NullMarked;
