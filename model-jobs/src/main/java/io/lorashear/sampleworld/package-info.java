/**
 * The sample world: facts and stories of our own making, for demonstrations and for tests.
 *
 * <p>In: a seed and a number of documents. Out: the five corpora of the paper's section 3.3 in
 * their real file formats, a multiple-choice file about the same facts, and a truth file of what
 * was planted. Shares no code with the cleaning and deduplication that the truth file judges.
 */
@NullMarked
package io.lorashear.sampleworld;

import org.jspecify.annotations.NullMarked;
