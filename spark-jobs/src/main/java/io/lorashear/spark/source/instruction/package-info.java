/**
 * Reads instructions. In: JSON records of instructions and conversations, in the forms of many data
 * sets. Out: the turns up to the answer to train on, or the reason why there is none. No section of
 * a paper; it follows the conventions of Alpaca, ShareGPT, chat interfaces and preference data
 * sets.
 */
@NullMarked
package io.lorashear.spark.source.instruction;

import org.jspecify.annotations.NullMarked;
