/**
 * Compares pruning methods. In: one model, one corpus, several methods with their settings. Out: a
 * table that compares them at equal budgets of parameters, training and questions (papers on LLM
 * pruning differ in all three), and a picture of quality against size.
 */
@NullMarked
package io.lorashear.contest;

import org.jspecify.annotations.NullMarked;
