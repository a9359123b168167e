/** Recovery corpora, perplexity deviation and resampling on Apache Spark. */
@NullMarked
package io.lorashear.spark;

import org.jspecify.annotations.NullMarked;
