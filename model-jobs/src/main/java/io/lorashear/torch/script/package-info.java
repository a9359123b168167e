/**
 * The syntax of TorchScript: expressions, one Java method per ATen function, lines and method
 * signatures; and the archive that holds a text. In: nothing. Out: text, and bytes that the engine
 * loads.
 */
@NullMarked
package io.lorashear.torch.script;

import org.jspecify.annotations.NullMarked;
