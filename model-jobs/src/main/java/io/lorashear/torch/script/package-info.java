/**
 * TorchScript in words: a name or a call, one line of Java for one function of ATen, lines, the
 * head of a method; and the archive that holds a text. In: nothing. Out: text, and bytes that the
 * engine loads.
 */
@NullMarked
package io.lorashear.torch.script;

import org.jspecify.annotations.NullMarked;
