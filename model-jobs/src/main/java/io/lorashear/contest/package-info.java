/**
 * In: one model, one corpus, several methods with their settings. Out: a table that compares them
 * at the same budgets of parameters, of training and of questions (LLM pruning is compared across
 * papers that agree in none of them), and a picture of quality against size.
 */
@NullMarked
package io.lorashear.contest;

import org.jspecify.annotations.NullMarked;
