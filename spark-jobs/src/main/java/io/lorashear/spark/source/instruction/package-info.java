/**
 * Reads instructions. In: JSON records of instructions and conversations, in the forms of many data
 * sets. Out: the turns up to the answer to train on, or the reason why there is none. It follows no
 * section of a paper but the customs of Alpaca, ShareGPT, chat interfaces and preference data sets.
 */
@NullMarked
package io.lorashear.spark.source.instruction;

import org.jspecify.annotations.NullMarked;
