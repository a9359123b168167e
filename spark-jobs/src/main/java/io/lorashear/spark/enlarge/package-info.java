/**
 * Large raw inputs out of small real text, for measuring. In: published documents. Out: folders of
 * JSON lines, of the wanted sizes and skew, the same for any number of tasks.
 */
@NullMarked
package io.lorashear.spark.enlarge;

import org.jspecify.annotations.NullMarked;
