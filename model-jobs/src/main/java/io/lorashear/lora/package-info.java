/**
 * LoRA (arXiv 2106.09685) as a composed operator. In: a graph. Out: the same graph with a pair A, B
 * beside every chosen linear, and the pairs' first weights.
 */
@NullMarked
package io.lorashear.lora;

import org.jspecify.annotations.NullMarked;
