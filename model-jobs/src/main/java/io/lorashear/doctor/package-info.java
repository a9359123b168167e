/**
 * Examines what a machine offers and lacks. In: the machine's own files, NVIDIA's driver and
 * PyTorch. Out: findings, each with its remedy.
 */
@NullMarked
package io.lorashear.doctor;

import org.jspecify.annotations.NullMarked;
