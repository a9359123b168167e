/**
 * The commands, one class each. In: a command line. Out: a stage's result in a few lines, and an
 * exit code. Commands follow the stages of LoRAShear's Figure 2; other rooms do the work.
 */
@NullMarked
package io.lorashear.cli;

import org.jspecify.annotations.NullMarked;
