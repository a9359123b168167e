/**
 * LoRA (arXiv 2106.09685) as a composed operator. In: a graph. Out: the same graph with a pair A, B
 * added to every chosen linear, and the pairs' initial weights.
 */
@NullMarked
package io.lorashear.lora;

import org.jspecify.annotations.NullMarked;
