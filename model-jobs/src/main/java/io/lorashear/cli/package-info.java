/**
 * In: words on a command line. Out: a stage's result, said in a few lines, and an exit code. One
 * command a class, after the stages of LoRAShear's Figure 2; the work is in the other rooms.
 */
@NullMarked
package io.lorashear.cli;

import org.jspecify.annotations.NullMarked;
