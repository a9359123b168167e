/**
 * In: JSON records of instructions and conversations, in the forms that data sets have them. Out:
 * who said what, up to the answer that is learnt, or why there is none. No section of a paper: the
 * customs of Alpaca, ShareGPT, chat interfaces and data sets of preferences.
 */
@NullMarked
package io.lorashear.spark.source.instruction;

import org.jspecify.annotations.NullMarked;
