/**
 * What a machine can do for this program, and what it lacks. In: the machine, asked in its own
 * files, by NVIDIA's driver and by PyTorch. Out: findings, each with its remedy.
 */
@NullMarked
package io.lorashear.doctor;

import org.jspecify.annotations.NullMarked;
